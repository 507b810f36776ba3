#!/usr/bin/env bash
# Builds a base image of Debian and its Python from the packages that this machine's apt offers: `base.sh TAG`.
# For an engine without access to a registry. Needs root, mmdebstrap and a running engine. It copies the certificate
# authorities that this machine trusts besides Debian's: do not distribute images built on it.
set -euo pipefail
mirror=$(bash "$(dirname "$0")/mirror.sh")
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
mkdir -p /usr/local/share/ca-certificates
mmdebstrap --quiet --variant=apt --include=ca-certificates,python3,python3-pip,python3-venv \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
  --customize-hook='copy-in /usr/local/share/ca-certificates /usr/local/share' \
  --customize-hook='chroot "$1" update-ca-certificates >/dev/null' \
  --customize-hook='ln -sf python3 "$1/usr/bin/python"' \
  --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin' \
  "$release" - "$mirror" |
  docker import --change 'ENV LANG=C.UTF-8 PIP_CERT=/etc/ssl/certs/ca-certificates.crt' --change 'CMD ["python3"]' - "$1"
