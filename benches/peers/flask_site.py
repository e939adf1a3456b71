"""The routes of both Flask peers. They need no password."""

from flask import session


def add_routes(app):
    """Adds the two compared routes to an application."""

    @app.get("/profile")
    def profile():
        """Returns the name of the signed-in user."""
        if "name" in session:
            return f"Welcome, {session['name']}\n"
        return "You are not logged in\n"

    @app.post("/session")
    def sign_in():
        """Starts a session."""
        session["name"] = "ada"
        return "Logged in\n"
