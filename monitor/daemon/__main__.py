"""The entry point of a step's process: python -m monitor.daemon FILE-NUMBER."""

import sys

from monitor.daemon.child import main
from monitor.daemon.reload import CheckSettings
from monitor.daemon.steps import STEPS

if __name__ == "__main__":
    sys.exit(main((*STEPS, CheckSettings()), report_to=int(sys.argv[1])))
