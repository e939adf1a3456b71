"""Flask with Flask-Session: the values are kept in SQLite, through SQLAlchemy.

Run by gunicorn as flask_session_sqlite:app, with the path of the database in PEER_DATABASE.
The database is as SQLAlchemy opens it: a rollback journal, and every commit waits for the disk.
Left out: the routes, which are in flask_site.
"""

import os

from flask import Flask
from flask_session import Session
from flask_sqlalchemy import SQLAlchemy

from flask_site import add_routes

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + os.environ["PEER_DATABASE"]
app.config["SESSION_TYPE"] = "sqlalchemy"
database = SQLAlchemy(app)
app.config["SESSION_SQLALCHEMY"] = database
Session(app)
add_routes(app)

# The application is loaded once, before the workers are forked: each opens connections of its own.
with app.app_context():
    database.engine.dispose()
