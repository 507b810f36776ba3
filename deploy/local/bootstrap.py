"""Creates the Python environment of this repository, once, and runs a command in it.

    python3 deploy/local/bootstrap.py run|load|test ARGUMENTS-OF-PYTHON...

Uses only the standard library and old syntax, so that old Pythons print a clear message and not a syntax error.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.path.join(ROOT, ".venv")
REQUIREMENTS = {
    "run": os.path.join(ROOT, "deploy", "local", "requirements.txt"),
    "load": os.path.join(ROOT, "tests", "load", "requirements.txt"),
    "test": os.path.join(ROOT, "tests", "requirements.txt"),
}
HOLDS = {"run": ("run",), "load": ("run", "load"), "test": ("run", "load", "test")}  # what each kind includes
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT")


def certificates(environ, bundle=BUNDLE):
    """The certificate variables of pip, requests and OpenSSL that are unset, pointing to the system's bundle."""
    trusted = environ.get("SSL_CERT_FILE") or (bundle if os.path.exists(bundle) else "")
    return {name: trusted for name in CERTIFICATES if trusted and name not in environ}


def fingerprint(path):
    """The contents of a stamp, which depend on the locked requirements and on the Python."""
    with open(path, "rb") as file:
        return hashlib.sha256(file.read() + sys.version.encode()).hexdigest()


def stamp(venv, kind):
    """The file that records which requirements are installed in `venv`."""
    return os.path.join(venv, ".releve-" + kind)


def is_current(venv, kind):
    """Whether the current requirements of `kind` are installed in `venv`, and its Python runs."""
    try:
        with open(stamp(venv, kind)) as file:
            if file.read() != fingerprint(REQUIREMENTS[kind]):
                return False
        return has_pip(venv)
    except OSError:
        return False


def has_pip(venv):
    """Whether `venv` exists, has pip, and was created by a recent enough Python that is still installed."""
    check = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.call([python(venv), "-c", check], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def python(venv):
    """The Python executable of an environment."""
    return os.path.join(venv, "bin", "python")


def step(title, command, environ, hint=""):
    """Runs `command` and prints how long it took; on failure, exits with 1 after one line."""
    began = time.time()
    sys.stdout.write("  … " + title + ("\r" if sys.stdout.isatty() else "\n"))
    sys.stdout.flush()
    done = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = done.communicate()[0].decode("utf-8", "replace")
    if done.returncode:
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        wrong = [line for line in lines if "error" in line.lower()] or lines or ["it said nothing"]
        sys.exit("  ✗ " + title + ": " + wrong[-1] + hint)
    print(f"  ✓ {title} {time.time() - began:.1f} s")


def install(kind, environ):
    """Creates the environment, or updates it."""
    if not has_pip(VENV):
        step("Python environment", [sys.executable, "-m", "venv", "--clear", VENV], environ,
             " (on Debian: apt-get install python3-venv)")  # fmt: skip
    pip = [python(VENV), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
    step("Python packages", [*pip, "--require-hashes", "-r", REQUIREMENTS[kind]], environ)
    for held in HOLDS[kind]:
        with open(stamp(VENV, held), "w") as file:
            file.write(fingerprint(REQUIREMENTS[held]))


def main(arguments):
    """Installs what is missing, then executes the command in place of this process."""
    if sys.version_info < (3, 11):  # noqa: UP036 - old Pythons must get the message
        sys.exit(
            "Relève needs Python 3.11 or later, and {} is {}.{}: make PYTHON=python3.12 …, for instance.".format(
                sys.executable, *sys.version_info[:2]
            )
        )
    kind, command = arguments[0], arguments[1:]
    environ = dict(os.environ)
    environ.update(certificates(environ))
    folder = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)  # so that concurrent starts do not both install
    if not is_current(VENV, kind):
        install(kind, environ)
    os.close(folder)
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execve(python(VENV), [python(VENV), *command], environ)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
