"""Install Chromium for the browser tests, where apt can; where it cannot, say what follows. Never an error.

Standard library only, like env.py: it runs before anything is installed.
"""
import os
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome")


def main():
    if any(shutil.which(name) for name in NAMES):
        return
    if not (shutil.which("apt-get") and os.geteuid() == 0):
        print("No Chromium here: the browser tests will not run. Install it for them (Debian: apt install chromium).")
    elif not installed():
        print("apt could not install Chromium: the browser tests will not run.")


def installed():
    """Whether apt has brought Chromium."""
    print("Installing Chromium for the browser tests.", flush=True)
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for command in (["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]):
        subprocess.call(command, env=quiet, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL)
    return any(shutil.which(name) for name in NAMES)


if __name__ == "__main__":
    main()
