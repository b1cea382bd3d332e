#!/usr/bin/env bash
# A real Nagios asks `squall check` of a process that runs, and is told what becomes of it.

set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

locked=()
[ "${CI:-}" = true ] && locked=(--locked)
if [ -z "${OPERATORS:-}" ]; then
    cargo build "${locked[@]}" --quiet --workspace --bin operators || exit 1
    OPERATORS=$PWD/target/debug/operators
fi
nagios=$(PATH=$PATH:/usr/sbin command -v nagios4) || {
    echo 'There is no nagios4; try: bash .ci/install-services.sh'
    exit 1
}

folder=$(mktemp -d)
pids=()
# shellcheck disable=SC2329
finish() {
    for pid in ${pids[@]+"${pids[@]}"}; do
        kill -TERM "$pid" 2>/dev/null
    done
    wait
    rm -rf "$folder"
}
trap finish EXIT

fail() {
    printf '%s\n' "$1"
    sed -n '/^servicestatus {/,/}/p' "$folder/status.dat" 2>/dev/null |
        grep -E 'service_description|current_state|plugin_output|performance_data'
    tail -n 15 "$folder/log" "$folder/nagios.out" "$folder/nagios.log" 2>/dev/null
    exit 1
}

# few BOUND: the configuration, by which `publish` must emit more than this.
few() {
    printf '[checks.few]\nmetric = "emitted"\ntopology = "slow"\ncomponent = "publish"\nbelow = %s\n' "$1"
    printf 'for = "1s"\ncategory = "page"\nwhat_to_do = "look at publish"\n'
}

few 1e9 >"$folder/squall.toml"
(cd "$folder" && exec "$OPERATORS" run slow --listen 127.0.0.1:0 --config squall.toml --data-dir data 2>log >/dev/null) &
pids+=($!)
url=
for _ in $(seq 200); do
    url=$(sed -n 's|^  listens on \(http://[^ ]*\)/$|\1|p' "$folder/log" 2>/dev/null)
    [ -n "$url" ] && break
    sleep 0.1
done
[ -n "$url" ] || fail 'The process does not listen.'

mkdir "$folder/results"
cat >"$folder/nagios.cfg" <<END
cfg_file=$folder/objects.cfg
log_file=$folder/nagios.log
object_cache_file=$folder/objects.cache
precached_object_file=$folder/objects.precache
status_file=$folder/status.dat
temp_file=$folder/nagios.tmp
temp_path=$folder
lock_file=$folder/nagios.lock
command_file=$folder/nagios.cmd
query_socket=$folder/nagios.qh
state_retention_file=$folder/retention.dat
check_result_path=$folder/results
nagios_user=$(id -un)
nagios_group=$(id -gn)
status_update_interval=1
interval_length=1
check_workers=1
use_syslog=0
log_rotation_method=n
enable_notifications=0
enable_flap_detection=0
illegal_macro_output_chars=\`~\$&|'"<>
END

# service NAME FLAGS: asks once in two seconds.
service() {
    cat <<END
define command {
    command_name $1
    command_line $OPERATORS check $2
}
define service {
    host_name squall
    service_description $1
    check_command $1
    contacts nobody
    check_period always
    notification_period always
    check_interval 2
    retry_interval 2
    max_check_attempts 1
}
END
}
{
    cat <<'END'
define timeperiod {
    timeperiod_name always
    alias always
    sunday 00:00-24:00
    monday 00:00-24:00
    tuesday 00:00-24:00
    wednesday 00:00-24:00
    thursday 00:00-24:00
    friday 00:00-24:00
    saturday 00:00-24:00
}
define contact {
    contact_name nobody
    host_notifications_enabled 0
    service_notifications_enabled 0
    host_notification_period always
    service_notification_period always
    host_notification_commands few
    service_notification_commands few
}
define host {
    host_name squall
    address 127.0.0.1
    contacts nobody
    check_period always
    notification_period always
    max_check_attempts 1
    active_checks_enabled 0
}
END
    service few "--url $url --topology slow --check few"
    service tasks "--url $url --topology slow --check tasks"
    service nothing "--url $url --check nothing"
    service nobody '--url http://127.0.0.1:9'
} >"$folder/objects.cfg"

"$nagios" -v "$folder/nagios.cfg" >"$folder/nagios.out" 2>&1 || {
    grep ^Error: "$folder/nagios.out"
    fail 'Nagios does not take its configuration.'
}
"$nagios" "$folder/nagios.cfg" >"$folder/nagios.out" 2>&1 &
pids+=($!)

# field SERVICE NAME: what Nagios has noted.
field() {
    awk -v service="$1" -v name="$2" '
        /^servicestatus \{/ { is_it = 0 }
        $0 == "\tservice_description=" service { is_it = 1 }
        is_it && index($0, "\t" name "=") == 1 { print substr($0, length(name) + 3) }
    ' "$folder/status.dat" 2>/dev/null
}

# becomes SERVICE STATE TEXT: until Nagios has noted it, for at most twenty seconds.
becomes() {
    for _ in $(seq 200); do
        if [ "$(field "$1" has_been_checked)" = 1 ] && [ "$(field "$1" current_state)" = "$2" ]; then
            case $(field "$1" plugin_output) in
                "$3"*) return ;;
            esac
        fi
        sleep 0.1
    done
    fail "Nagios does not note \`$3\` of $1."
}

becomes few 2 'SQUALL CRITICAL - few of slow/publish is '
case $(field few performance_data) in
    "'few/slow/publish'="*';;1000000000:') ;;
    *) fail "Nagios read no numbers: $(field few performance_data)" ;;
esac
case $(field few long_plugin_output) in
    *'look at publish (/runbook#few)'*) ;;
    *) fail "Nagios read no more lines: $(field few long_plugin_output)" ;;
esac
becomes tasks 0 'SQUALL OK - '
becomes nothing 3 'SQUALL UNKNOWN - there is no check called nothing'
becomes nobody 3 'SQUALL UNKNOWN - '

few 0.5 >"$folder/squall.toml"
becomes few 0 'SQUALL OK - 1 bound holds'

kill -KILL "${pids[0]}"
becomes few 3 'SQUALL UNKNOWN - '
echo 'Nagios noted CRITICAL, OK and UNKNOWN.'
