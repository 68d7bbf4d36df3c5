#!/bin/bash
# Makes this clone ready to run: Debian packages that are missing, then .venv with the appliance in it.
# A second run finds everything in place and ends at once.
set -euo pipefail
cd "$(dirname "$0")"

OLDEST_PYTHON="3, 11"
VENV=.venv

fail() {
    echo "setup: $*" >&2
    exit 2
}

has() { command -v "$1" >/dev/null 2>&1; }

good_python() { # can make a virtual environment, and is new enough
    "$1" -c "import sys, venv, ensurepip; sys.exit(sys.version_info < ($OLDEST_PYTHON))" >/dev/null 2>&1
}

find_python() {
    local candidate
    for candidate in "${PYTHON:-python3}" /usr/bin/python3; do
        if good_python "$candidate"; then
            echo "$candidate"
            return
        fi
    done
}

missing_packages() {
    [ -n "$(find_python)" ] || echo python3 python3-venv
    has espeak-ng || echo espeak-ng
    has sox || echo sox
    has sipp || echo sip-tester
    [ -e /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates
    if ! has asterisk && [ ! -x .lab/asterisk-root/usr/sbin/asterisk ]; then
        # For the throw-away Asterisk; the newest keyring, since the release it comes from is younger than this one.
        has mmdebstrap || echo mmdebstrap debian-archive-keyring gpg
    fi
    if [ -n "${BOX:-}" ]; then # make test-box boots a whole Debian
        has mmdebstrap || echo mmdebstrap debian-archive-keyring gpg
        has systemd-nspawn || echo systemd-container
        has ssh || echo openssh-client
        has ip || echo iproute2
        has baresip || echo baresip-core
    fi
}

install_packages() {
    local packages=("$@")
    has apt-get || fail "this machine lacks ${packages[*]} and has no apt-get; install them by hand."
    [ "$(id -u)" = 0 ] || fail "these packages are missing: ${packages[*]}. Run as root: apt-get install ${packages[*]}"
    echo "Installing Debian packages: ${packages[*]} ..."
    local log
    log=$(mktemp)
    if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}"; } \
        >"$log" 2>&1 </dev/null; then
        tail -n 5 "$log" >&2
        fail "apt-get could not install ${packages[*]}; the whole of what it said is in $log."
    fi
    grep -E '^(Unpacking|Setting up) ' "$log" | tail -n 3 | sed 's/^/  /' || true
    rm -f "$log"
}

install_python_packages() {
    local stamp
    local extras=lab,test
    ! has chromium || extras+=,browser # tests of the form run in it
    stamp="$VENV/.made-from-$extras-$(cat setup.py pyproject.toml | sha256sum | cut -c1-16)"
    if [ -e "$stamp" ] && "$VENV/bin/python" -c 'import appliance' >/dev/null 2>&1; then
        return
    fi
    local python
    python=$(find_python)
    [ -n "$python" ] || fail "Python 3.11 or later with venv is needed; Debian 12 and later have it."
    echo "Installing the appliance and its Python packages into $VENV (a minute or two, once) ..."
    "$VENV/bin/python" -m pip --version >/dev/null 2>&1 || "$python" -m venv --clear "$VENV" ||
        fail "the virtual environment $VENV could not be made with $python."
    rm -f "$VENV"/.made-from-*
    "$VENV/bin/python" -m pip install --disable-pip-version-check --no-input --progress-bar off -e ".[$extras]" |
        sed -un 's/^Collecting \([^ ]*\).*/  \1/p; s/^\(Installing collected\|Successfully installed\).*/  \1 packages/p' ||
        fail "pip could not install the Python packages; its complaint is above."
    touch "$stamp"
}

# The SIP phone library has wheels for Python 3.11 and 3.12 only. The phones run in processes of their own, so where
# Python is newer they get the Python of Debian 12, extracted into .lab (it runs in place) and started by a script
# in .venv/bin, where the appliance looks for it.
PHONE_ROOT=.lab/phone-root

phone_python() {
    local python
    for python in "$VENV/bin/phone-python" "$VENV/bin/python"; do
        if "$python" -c 'import pjsua2; pjsua2.Endpoint' >/dev/null 2>&1; then
            echo "$python"
            return
        fi
    done
}

install_phone_python() {
    [ -z "$(phone_python)" ] || return 0
    echo "Getting Python 3.11 from Debian 12 into $PHONE_ROOT, for the SIP phones (once) ..."
    local new="$PHONE_ROOT.new" loader
    rm -rf "$new" "$PHONE_ROOT"
    mkdir -p .lab
    has mmdebstrap || install_packages mmdebstrap debian-archive-keyring gpg
    mmdebstrap --quiet --variant=extract --include=python3,libstdc++6 --keyring=/usr/share/keyrings \
        bookworm "$new" ||
        fail "Python 3.11 for the SIP phones could not be had; mmdebstrap's complaint is above."
    "$VENV/bin/python" -m pip install --disable-pip-version-check --no-input --quiet --no-deps \
        --only-binary :all: --python-version 3.11 --target "$new/phones" 'pjsua2-python>=2.15' ||
        fail "pip could not install the SIP phone library; its complaint is above."
    mv "$new" "$PHONE_ROOT"
    loader=$(find "$PWD/$PHONE_ROOT/usr/lib" "$PWD/$PHONE_ROOT/lib" -name 'ld-linux-*.so.*' -type f 2>/dev/null | head -n 1)
    cat >"$VENV/bin/phone-python" <<END
#!/bin/sh
root="$PWD/$PHONE_ROOT"
export PYTHONHOME="\$root/usr" PYTHONPATH="\$root/phones"
exec "$loader" --library-path "$(dirname "$loader"):\$root/usr/lib/$(basename "$(dirname "$loader")")" "\$root/usr/bin/python3.11" "\$@"
END
    chmod +x "$VENV/bin/phone-python"
    [ -n "$(phone_python)" ] || fail "The SIP phone library does not load; remove $PHONE_ROOT and try again."
}

read -ra missing <<<"$(missing_packages | tr '\n' ' ')"
[ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
install_python_packages
install_phone_python
