#!/usr/bin/env bash
# Prints the first package mirror in apt's configuration: `mirror.sh [FOLDER]` (default /etc/apt).
# Debian 12 and later have only sources.list.d/*.sources, older releases sources.list; either may be missing.
set -euo pipefail
shopt -s nullglob
apt=${1:-/etc/apt}
files=("$apt"/sources.list.d/*.sources "$apt"/sources.list.d/*.list)
[ -e "$apt/sources.list" ] && files+=("$apt/sources.list")
[ ${#files[@]} -gt 0 ] || { echo "apt has no sources under $apt" >&2; exit 1; }
mirror=$(sed -nE 's/^URIs: *(\S+).*/\1/p; s/^deb +(\[[^]]*\] +)?(\S+).*/\2/p' "${files[@]}")
[ -n "$mirror" ] || { echo "no package mirror in ${files[*]}" >&2; exit 1; }
echo "${mirror%%$'\n'*}"
