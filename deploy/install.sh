#!/usr/bin/env bash
# Install the registry on a Debian host, or into an image. Safe to repeat: that is also how one upgrades.
# docs/operating.md says what comes before and after.
set -euo pipefail
shopt -s inherit_errexit
umask 022
# The system's own programs: not those that whoever calls this happens to have before them.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

usage() {
    cat <<'TEXT'
Usage: install.sh [options]

  --origin NAME       the log's name (ISA_ORIGIN), for a settings file that is made now
  --public-url URL    where people and systems reach the service (ISA_PUBLIC_URL), likewise
  --wheel FILE        install this wheel; without it, the checkout around this script is built
  --wheelhouse DIR    take packages from DIR and ask no index
  --notify            install GOV.UK Notify's client too, for ISA_MAIL=notify
  --no-packages       leave the installed programs as they are
  --python FILE       the interpreter to use, 3.11 or later (default: python3)
  --container         only what an image holds: the account and the programs; no settings, keys or units
  --root DIR          install below DIR, an existing directory: no account is made, no owner changed, no
                      service touched. For a look and for tests: programs in it only run from there.
  --help

Secrets come by the environment, never by an option:
  DATABASE_URL or DATABASE_URL_FILE         the service's login, for a settings file that is made now
  ISA_MIGRATE_URL or ISA_MIGRATE_URL_FILE   the owner's login: the database is migrated with it; it is not kept
TEXT
}

say() { printf 'isa-registry: %s\n' "$*"; }
die() {
    printf 'isa-registry: %s\n' "$*" >&2
    exit 1
}
misused() {
    printf 'isa-registry: %s\nSee install.sh --help.\n' "$*" >&2
    exit 2
}

account=isa-registry
signer=isa-registry-checkpointer # Runs the process that signs, and alone can read the log's keys.
container_id=10001 # The uid and gid inside an image: fixed, so that mounted files can be given to it.
signer_id=10002
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
checkout=$(dirname "$here")

root='' python=python3 wheel='' wheelhouse='' packages=yes container=no lock=requirements.lock
declare -A given=()

while (($#)); do
    case $1 in
    --origin | --public-url | --wheel | --wheelhouse | --python | --root)
        (($# > 1)) && [[ -n $2 ]] || misused "$1 needs a value"
        case $1 in
        --origin) given[ISA_ORIGIN]=$2 ;;
        --public-url) given[ISA_PUBLIC_URL]=$2 ;;
        --wheel) wheel=$2 ;;
        --wheelhouse) wheelhouse=$2 ;;
        --python) python=$2 ;;
        --root) root=$2 ;;
        esac
        shift 2
        ;;
    --no-packages) packages=no && shift ;;
    --notify) lock=requirements-notify.lock && shift ;;
    --container) container=yes && shift ;;
    --help | -h) usage && exit 0 ;;
    *) misused 'unknown option' ;;
    esac
done

[[ -z ${DATABASE_URL-} ]] || given[DATABASE_URL]=$DATABASE_URL
[[ -z ${DATABASE_URL_FILE-} ]] || given[DATABASE_URL_FILE]=$DATABASE_URL_FILE
migrate_url=${ISA_MIGRATE_URL-}
[[ -z ${ISA_MIGRATE_URL_FILE-} ]] || migrate_url=$(<"$ISA_MIGRATE_URL_FILE") ||
    die 'ISA_MIGRATE_URL_FILE names a file that cannot be read'
# What is started below inherits only what it is meant to have.
unset DATABASE_URL DATABASE_URL_FILE ISA_MIGRATE_URL ISA_MIGRATE_URL_FILE PYTHONHOME PYTHONPATH

check_request() {
    if [[ -n $root ]]; then
        [[ $root == /* && -d $root ]] || die '--root must be an absolute path of an existing directory'
        root=$(cd "$root" && pwd -P)
        [[ $root != / ]] || die '--root must not be / (leave it out to install on this host)'
    elif ((EUID != 0)); then
        die 'run this as root, or with --root DIR'
    fi
    [[ $packages == yes || -z $wheel$wheelhouse ]] || misused '--no-packages excludes --wheel and --wheelhouse'
    [[ $packages == yes || $lock == requirements.lock ]] || misused '--no-packages excludes --notify'
    [[ -z $wheel || -f $wheel ]] || die '--wheel names no file'
    [[ -z $wheelhouse || -d $wheelhouse ]] || die '--wheelhouse names no directory'
    [[ -z ${given[DATABASE_URL]-} || -z ${given[DATABASE_URL_FILE]-} ]] ||
        die 'give DATABASE_URL or DATABASE_URL_FILE, not both'
    local name
    for name in "${!given[@]}"; do
        # What means the same to systemd and to a shell between single quotes.
        [[ ${given[$name]} != *[\'\\[:cntrl:]]* ]] ||
            die "$name holds a quote, a backslash or a control character: write it as %XX, or use a file"
    done
    for name in install flock sha256sum cmp; do
        command -v "$name" >/dev/null || die "the command $name is missing"
    done
}

check_python() {
    command -v "$python" >/dev/null || die "there is no $python: apt-get install python3 python3-venv"
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
        die "$python is older than Python 3.11 (Debian 12 has 3.11): name a newer one by --python"
    local place
    place=$("$python" -c 'import os, sys; print(os.path.realpath(sys.executable))')
    case $place in
    /root/* | /home/* | /run/user/*) die "$python lies in a home directory, which the service cannot see: name another" ;;
    esac
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        die "$python cannot make virtual environments: apt-get install python3-venv"
}

make_account() {
    [[ -z $root ]] || return 0
    getent passwd "$1" >/dev/null && return 0
    local identity=()
    if [[ $container == yes ]]; then
        groupadd --system --gid "$2" "$1"
        identity=(--uid "$2" --gid "$2")
    else
        identity=(--user-group)
    fi
    useradd --system "${identity[@]}" --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$1"
    say "made the account $1"
}

# Settings, keys and their directories belong to root; the group of the account that needs them may read them, and
# nobody else. owned MODE FILE [ACCOUNT]
owned() {
    chmod "$1" "$2"
    [[ -n $root ]] || chown "root:${3:-$account}" "$2"
}

opt=/opt/isa-registry
settings=/etc/isa-registry/isa-registry.env
keys=/etc/isa-registry/keys
vkeys=/etc/isa-registry/log.vkeys
signer_settings=/etc/isa-registry-checkpointer/checkpointer.env
signer_keys=/etc/isa-registry-checkpointer/keys
outside=/var/lib/isa-registry-checkpointer
state=/var/lib/isa-registry

# What decides the programs: interpreter, locks, and the wheel or the sources that it is built from.
release_name() {
    {
        "$python" -c 'import sys; print(sys.version, sys.implementation.cache_tag)'
        sha256sum <"$checkout/$lock"
        if [[ -n $wheel ]]; then
            sha256sum <"$wheel"
        else
            cd "$checkout"
            find pyproject.toml README.md LICENSE requirements-build.lock service ui schemas agreements migrations \
                -type f ! -name '*.pyc' ! -path '*/_data/*' ! -path '*/static/vendor/*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
        fi
    } | sha256sum | cut -c 1-16
}

# Each set of programs has a directory of its own, and `venv` points to one: a running service never sees half an
# upgrade, a failed one changes nothing, and the one before can be pointed to again.
install_packages() {
    [[ -f $checkout/$lock ]] || die "$lock is missing beside deploy/"
    [[ ! -e $root$opt/venv || -L $root$opt/venv ]] || die "$opt/venv is not a link of this installer's: move it away"
    local name release
    name=$(release_name)
    release=$root$opt/releases/$name
    if [[ -f $release/.complete ]]; then
        say 'programs: already installed'
    else
        install -d -m 0755 "$root$opt/releases"
        building=$release
        rm -rf "$release"
        "$python" -m venv "$release"
        local source=(--no-input --disable-pip-version-check --quiet)
        [[ -z $wheelhouse ]] || source+=(--no-index --find-links "$wheelhouse")
        local locked=("${source[@]}" --require-hashes --only-binary=:all:)
        say 'programs: installing the locked packages'
        # The lock is whole. Notify's client names docopt, which nothing in it imports and which is not in the lock.
        "$release/bin/python" -m pip install "${locked[@]}" --no-deps --requirement "$checkout/$lock"
        if [[ -z $wheel ]]; then
            scratch=$(mktemp -d)
            "$python" -m venv "$scratch/venv"
            "$scratch/venv/bin/python" -m pip install "${locked[@]}" --requirement "$checkout/requirements-build.lock"
            "$scratch/venv/bin/python" -m pip wheel "${source[@]}" --no-deps --no-build-isolation --no-index \
                --wheel-dir "$scratch" "$checkout"
            wheel=$(find "$scratch" -maxdepth 1 -name 'isa_registry-*.whl')
        fi
        "$release/bin/python" -m pip install "${source[@]}" --no-deps --no-index "$wheel"
        find "$release" -path '*/isa_registry/pages/static/vendor/*.css' | grep -q . ||
            say 'the design system could not be fetched from npm: pages have a plain style of our own, and all works'
        packages_fit "$release/bin/python" || die 'the installed packages do not fit each other'
        touch "$release/.complete"
        building=''
    fi
    if [[ $(readlink "$root$opt/venv" || true) != "releases/$name" ]]; then
        ln -s "releases/$name" "$root$opt/venv.new"
        mv -T "$root$opt/venv.new" "$root$opt/venv"
        say "programs: $opt/venv now is releases/$name"
    fi
}

# Whether the installed packages are all that each of them asks for; docopt alone may be lacking.
packages_fit() {
    local wrong
    wrong=$("$1" -m pip check --disable-pip-version-check) && return 0
    ! grep -Evq '^notifications-python-client [^ ]+ requires docopt, which is not installed\.$' <<<"$wrong"
}

install_file() {
    cmp -s "$2" "$root$3" && return 0
    install -D -m "$1" "$2" "$root$3"
    say "installed $3"
}

make_settings() {
    install -d -m 0750 "$root/etc/isa-registry"
    owned 0750 "$root/etc/isa-registry"
    if [[ -e $root$settings || -L $root$settings ]]; then
        say "$settings: kept as it is"
        ((${#given[@]} == 0)) || say 'the settings given to this run were not written: edit the file'
        return 0
    fi
    local line name new=$root$settings.new
    (umask 077 && : >"$new")
    while IFS= read -r line; do
        name=${line#\#} && name=${name%%=*}
        [[ $line != *=* || -z ${given[$name]-} ]] || line="$name='${given[$name]}'"
        printf '%s\n' "$line"
    done <"$here/isa-registry.env" >"$new"
    owned 0640 "$new"
    mv -T "$new" "$root$settings"
    say "$settings: made"
}

# The checkpointer has settings of its own, and none of the service's: its login is another one.
make_signer_settings() {
    local directory=${signer_settings%/*}
    install -d -m 0750 "$root$directory"
    owned 0750 "$root$directory" "$signer"
    if [[ -e $root$signer_settings || -L $root$signer_settings ]]; then
        say "$signer_settings: kept as it is"
        return 0
    fi
    local line new=$root$signer_settings.new
    (umask 077 && : >"$new")
    while IFS= read -r line; do
        [[ $line != '#ISA_ORIGIN='* || -z ${given[ISA_ORIGIN]-} ]] || line="ISA_ORIGIN='${given[ISA_ORIGIN]}'"
        printf '%s\n' "$line"
    done <"$here/checkpointer.env" >"$new"
    owned 0640 "$new" "$signer"
    mv -T "$new" "$root$signer_settings"
    say "$signer_settings: made"
}

make_keys() {
    install -d -m 0750 "$root$keys" "$root$signer_keys"
    owned 0750 "$root$keys"
    owned 0750 "$root$signer_keys" "$signer"
    # The service reads what the checkpointer writes here: the newest signed checkpoint, which is public.
    install -d -m 0755 "$root$outside"
    [[ -n $root ]] || chown "$signer:$signer" "$outside"
    local origin named=() verifier key
    origin=$(
        # shellcheck source=/dev/null
        . "$root$settings"
        printf '%s' "${ISA_ORIGIN-}"
    )
    [[ -z $origin ]] || named=(--origin "$origin")
    verifier=$(umask 077 && "$root$opt/venv/bin/python" -m isa_registry keys "$root$keys" \
        --log-keys "$root$signer_keys" "${named[@]}") ||
        die "the keys were not made, or ISA_ORIGIN in $settings cannot name a log"
    [[ -s $root$keys/attestation-key.jwk ]] || die "$keys/attestation-key.jwk was not made"
    owned 0640 "$root$keys/attestation-key.jwk"
    for key in session-key sign-in-key.jwk webhook-key.jwk; do
        [[ -s $root$keys/$key ]] || die "$keys/$key was not made"
        owned 0640 "$root$keys/$key"
    done
    for key in log-key.pem log-key-ml-dsa-44.pem; do
        [[ -s $root$signer_keys/$key ]] || die "$signer_keys/$key was not made"
        owned 0640 "$root$signer_keys/$key" "$signer"
    done
    say "keys are in $keys and $signer_keys: back them up before anything is logged"
    [[ -n $verifier ]] || return 0
    if [[ ! -e $root$vkeys ]]; then
        printf '%s\n' "$verifier" >"$root$vkeys"
        owned 0640 "$root$vkeys"
    fi
    say "the log's verifier keys are in $vkeys, for auditors and partners:"
    say "$verifier"
}

migrate() {
    [[ -n $migrate_url ]] || return 0
    local as=()
    [[ -n $root ]] || as=(runuser -u "$account" --)
    (
        set -a
        # shellcheck source=/dev/null
        . "$root$settings" || exit
        unset DATABASE_URL_FILE
        DATABASE_URL=$migrate_url
        exec "${as[@]}" "$root$opt/venv/bin/isa-registry" migrate
    ) || die 'the database was not migrated: nothing else was undone, so repeat this once the cause is gone'
    say 'the database is migrated'
}

install_units() {
    local unit
    for unit in isa-registry.service isa-registry-checkpointer.service isa-registry-migrate.service; do
        install_file 0644 "$here/systemd/$unit" "/etc/systemd/system/$unit"
    done
    [[ -z $root && -d /run/systemd/system ]] || return 0
    systemctl daemon-reload
    systemctl enable --quiet isa-registry.service isa-registry-checkpointer.service
    say 'isa-registry.service and isa-registry-checkpointer.service are enabled, and neither started nor restarted'
}

building='' scratch=''
clean() {
    [[ -z $building ]] || rm -rf "$building"
    [[ -z $scratch ]] || rm -rf "$scratch"
    rm -f "$root$opt/venv.new" "$root$settings.new" "$root$signer_settings.new"
}

check_request
[[ $packages == no ]] || check_python
install -d -m 0755 "$root$opt"
exec 9>"$root$opt/.installing"
flock -n 9 || die 'another installation is running'
trap clean EXIT

make_account "$account" "$container_id"
make_account "$signer" "$signer_id"
[[ $packages == no ]] || install_packages
[[ -x $root$opt/venv/bin/python ]] || die 'no programs are installed: leave out --no-packages'
[[ -n $root ]] || runuser -u "$account" -- "$opt/venv/bin/python" -c '' ||
    die "the account $account cannot run $opt/venv/bin/python: look at the modes of what is above it"
if [[ $container == yes ]]; then
    install_file 0755 "$here/container/healthy.py" "$opt/healthy.py"
    install -d -m 0755 "$root$outside"
    install -d -m 0700 "$root$state"
    exit 0
fi
make_settings
make_signer_settings
make_keys
install_file 0755 "$here/isa-registry.sh" /usr/local/sbin/isa-registry
migrate
install_units

lacking=()
for setting in DATABASE_URL ISA_ORIGIN ISA_PUBLIC_URL; do
    grep -Eq "^$setting(_FILE)?=" "$root$settings" || lacking+=("$setting")
done
((${#lacking[@]} == 0)) || say "still to be set in $settings: ${lacking[*]}"
lacking=()
for setting in DATABASE_URL ISA_ORIGIN; do
    grep -Eq "^$setting(_FILE)?=" "$root$signer_settings" || lacking+=("$setting")
done
((${#lacking[@]} == 0)) || say "still to be set in $signer_settings: ${lacking[*]}"
say 'done; docs/operating.md has the first steps'
