"""The mail server for trials, in a container: `python -m deploy.mail PORT FOLDER` stores every mail as a file.

It accepts mail from every host on its network and forwards none.
"""

import sys
import threading
from pathlib import Path

from aiosmtpd.controller import Controller

from deploy.local.mailsink import Folder

if __name__ == "__main__":
    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    Controller(Folder(folder), hostname="0.0.0.0", port=port, enable_SMTPUTF8=True, ready_timeout=30).start()
    threading.Event().wait()
