"""What both Flask peers serve. Left out: passwords, as whoever asks for a session gets one; where values are kept."""

from flask import session


def add_routes(app):
    """Give the application the two routes that are compared."""

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
