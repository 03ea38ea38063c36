"""`python -m monitor.cli`: psdmon where its script is not on the path."""

from monitor.cli.main import run

run()
