#!/usr/bin/env python3
"""Entry point of all commands: starts the embedded database first where one is needed."""

import os
import signal
import sys

from django.core.management import execute_from_command_line

from leadscoring.ops import embedded

# These answer without a database; everything else gets one.
WITHOUT_DATABASE = {"help", "--help", "-h", "version", "--version", "collectstatic", "makemessages"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadscoring.settings")
    if len(sys.argv) > 1 and sys.argv[1] not in WITHOUT_DATABASE and not {"--help", "-h"} & set(sys.argv):
        # Ends as Ctrl-C does, by way of Python, so that the servers are left as they were found.
        signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
        embedded.enter()
    try:
        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main()
