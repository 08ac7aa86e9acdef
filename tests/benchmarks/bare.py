"""The measure of every ratio: a Flask app with one JSON route and nothing else."""

from flask import Flask, Response, jsonify

app = Flask("bare")


@app.get("/")
def index() -> Response:
    """Say that all is well."""
    return jsonify(status="ok")
