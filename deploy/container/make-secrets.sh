#!/bin/sh
# Make the files that compose.yaml mounts as secrets, each once: passwords and the three logins' addresses.
# make-secrets.sh [DIR]; without DIR, the directory `secrets` beside compose.yaml.
set -eu
umask 077
directory=${1:-$(dirname "$0")/../secrets}
mkdir -p "$directory"
chmod 0700 "$directory"
cd "$directory"

# Mounted one by one into containers whose accounts differ from this one, so the directory is what keeps others out.
keep() {
    if [ -e "$1" ]; then
        cat >/dev/null
    else
        cat >"$1.new"
        chmod 0444 "$1.new"
        mv "$1.new" "$1"
    fi
}

for name in superuser owner service checkpointer; do
    od -An -v -tx1 -N24 /dev/urandom | tr -d ' \n' | keep "$name-password"
done
printf 'postgresql://isa-registry-owner:%s@database/isa_registry' "$(cat owner-password)" | keep owner-url
printf 'postgresql://isa-registry:%s@database/isa_registry' "$(cat service-password)" | keep service-url
printf 'postgresql://isa-registry-checkpointer:%s@database/isa_registry' "$(cat checkpointer-password)" |
    keep checkpointer-url
