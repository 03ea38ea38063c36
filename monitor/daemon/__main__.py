"""The entry point of a step's process: python -m monitor.daemon FILE-NUMBER."""

import os
import sys

from monitor.daemon.child import main
from monitor.daemon.reload import CheckSettings
from monitor.daemon.steps import STEPS

if __name__ == "__main__":
    os.umask(0o077)  # as psdmon itself: what a step writes is for the account of the service
    sys.exit(main((*STEPS, CheckSettings()), report_to=int(sys.argv[1])))
