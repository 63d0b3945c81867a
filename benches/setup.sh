#!/usr/bin/env bash
# Installs what the comparison needs and is not ours: redis-server, nats-server, OpenSSL's headers, OpenSSH's server and
# rsync from Debian, uvloop, pyzmq, websockets, pyftpdlib and asyncssh from PyPI into the Python that is given. What cannot be
# installed is left out; the run says so.
#
#   setup.sh [PYTHON]
set -u
python=${1:-python3}

missing=""
for package in redis-server nats-server libssl-dev openssh-server rsync; do
	dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
done
if [ -n "$missing" ] && command -v apt-get >/dev/null; then
	sudo=""
	[ "$(id -u)" = 0 ] || sudo="sudo -n"
	# RUNLEVEL=1: installed, not started as services. Ours listen on ports of their own.
	$sudo env RUNLEVEL=1 apt-get update -qq >/dev/null &&
		$sudo env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
		echo "setup: could not install$missing" >&2
fi

# Only into a virtual environment: the system's Python is not ours to change.
for module in uvloop zmq websockets pyftpdlib asyncssh; do
	"$python" -c "import $module" 2>/dev/null && continue
	package=${module/zmq/pyzmq}
	if "$python" -c 'import sys; sys.exit(sys.prefix == sys.base_prefix)'; then
		"$python" -m pip install --quiet --disable-pip-version-check "$package" ||
			echo "setup: could not install $package" >&2
	else
		echo "setup: $package is missing; run this with a virtual environment's Python to have it installed" >&2
	fi
done
exit 0
