"""Flask with its own sessions: the values travel in a signed cookie, and no server keeps them.

Run by gunicorn as flask_signed:app. Left out: the routes, which are in flask_site.
"""

import os

from flask import Flask

from flask_site import add_routes

app = Flask(__name__)
app.secret_key = os.urandom(32)
add_routes(app)
