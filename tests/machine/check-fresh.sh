#!/usr/bin/env bash
# The README's commands on a machine on which nobody has worked: a minimal Debian system in a chroot, with a C compiler,
# make, git and Python from Debian, this machine's Rust, and a clean clone of what is committed. Root only.
#
#   check-fresh.sh [COMMAND...]      run, test, wheel, install, bench (default: all of them)
#
# KEEP=1 keeps the chroot in build/fresh for a look inside. The base system is kept anyway: it takes a minute to make.
set -euo pipefail
cd "$(dirname "$0")/../.."
commands=("$@")
[ ${#commands[@]} -gt 0 ] || commands=(run test wheel install bench)
if [ "$(id -u)" != 0 ]; then
	echo "check-fresh makes a chroot, which only root may do: sudo make check-fresh" >&2
	exit 1
fi
# Mounts of a name space of its own are gone with the script, however that ends.
[ -n "${FRESH_UNSHARED:-}" ] || FRESH_UNSHARED=1 exec unshare --mount "$0" "${commands[@]}"

folder=$PWD/build/fresh
base=$folder/base root=$folder/root
# Of the user in there.
home=/home/fresh
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-stable}")
packages=gcc,g++,make,git,python3,python3-venv,ca-certificates

make_base() {
	command -v debootstrap >/dev/null || apt-get install -y -qq debootstrap >/dev/null
	rm -rf "$base.part"
	mkdir -p "$folder"
	echo "check-fresh: a minimal system ($suite)"
	debootstrap --variant=minbase --include="$packages" "$suite" "$base.part" >"$folder/debootstrap.log" 2>&1 ||
		{ tail -n 20 "$folder/debootstrap.log" >&2 && exit 1; }
	mv "$base.part" "$base"
}

# This machine's way to its registries: names, certificates and settings, no package.
copy_network() {
	local file
	for file in /etc/resolv.conf /etc/hosts /etc/pip.conf "${CARGO_HOME:-$HOME/.cargo}/config.toml"; do
		[ ! -e "$file" ] || install -D -m 644 "$file" "$root/${file/#${CARGO_HOME:-$HOME/.cargo}/$home/.cargo}"
	done
	for file in /etc/apt/apt.conf.d/*; do
		case $file in *docker*) ;; *) install -m 644 "$file" "$root$file" ;; esac
	done
	cp -r /usr/local/share/ca-certificates "$root/usr/local/share/" 2>/dev/null || true
	chroot "$root" update-ca-certificates >/dev/null 2>&1
}

enter() {
	chroot "$root" env -i HOME="$home" PATH=/opt/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		LANG=C.UTF-8 SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt bash -euo pipefail -c "cd $home/rustchat"$'\n'"$1"
}

make_root() {
	rm -rf --one-file-system "$root"
	cp -a "$base" "$root"
	copy_network
	mkdir -p "$root/opt/rust"
	mount --bind -o ro "$(rustc --print sysroot)" "$root/opt/rust"
	mount -t proc proc "$root/proc"
	mount --rbind /dev "$root/dev"
	mount --rbind /sys "$root/sys"
	mount -t tmpfs tmpfs "$root/tmp"
	git clone --quiet --no-hardlinks . "$root$home/rustchat"
}

# Serves, is joined by somebody who says a line and hears it, and ends at a signal.
check_run() {
	enter '
		setsid make run PORT=60917 >run.log 2>&1 &
		for _ in $(seq 6000); do
			grep -qs "^listening" run.log && break
			kill -0 $! 2>/dev/null || { cat run.log; exit 1; }
			sleep 0.1
		done
		exec 3<>/dev/tcp/127.0.0.1/60917
		echo "hello from a fresh machine" >&3
		timeout 10 head -n 2 <&3 | tail -n 1 | grep -qx "hello from a fresh machine"
		kill -TERM -- -$!
		wait || true
		grep -q "join from another terminal" run.log'
}

[ -d "$base" ] || make_base
trap '[ -n "${KEEP:-}" ] || { umount -R -l "$root"/{opt/rust,proc,dev,sys,tmp} 2>/dev/null; rm -rf --one-file-system "$root"; }' EXIT
make_root
for command in "${commands[@]}"; do
	echo "check-fresh: make $command"
	case $command in
	run) check_run ;;
	install) enter 'make install && gcc -o /tmp/hello bindings/c/examples/chat_client.c $(pkg-config --cflags --libs rustchat 2>/dev/null || echo -lrustchat)' ;;
	bench) enter 'make bench SCENES="echo --quick"' ;;
	*) enter "make $command" ;;
	esac
done
echo "check-fresh: all green (${commands[*]})"
