"""Flask with its own sessions, which store values in a signed cookie.

gunicorn runs it as flask_signed:app.
"""

import os

from flask import Flask

from flask_site import add_routes

app = Flask(__name__)
app.secret_key = os.urandom(32)
add_routes(app)
