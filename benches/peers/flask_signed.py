"""Flask with its own sessions: the values travel in a signed cookie, and no server keeps them.

Run by gunicorn as flask_signed:app. Left out: passwords; whoever asks for a session gets one.
"""

import os

from flask import Flask, session

app = Flask(__name__)
app.secret_key = os.urandom(32)


@app.get("/profile")
def profile():
    """Say who is signed in."""
    if "name" in session:
        return f"Welcome, {session['name']}\n"
    return "You are not logged in\n"


@app.post("/session")
def begin():
    """Begin a session."""
    session["name"] = "ada"
    return "Logged in\n"
