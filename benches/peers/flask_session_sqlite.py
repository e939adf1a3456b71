"""Flask with Flask-Session, which stores values in SQLite through SQLAlchemy.

gunicorn runs it as flask_session_sqlite:app. PEER_DATABASE is the path of the database.
SQLAlchemy opens it with its defaults: a rollback journal, and every commit waits for the disk.
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

# The application is loaded before the workers are forked, and each needs its own connections.
with app.app_context():
    database.engine.dispose()
