# Waits until the process that started it is gone, however it went: then its end of the pipe is closed. Ends what runs
# in the folder $1, first with the signal $2, and removes the folder.
trap '' INT TERM HUP
cat >/dev/null

living() {
    find /proc -mindepth 2 -maxdepth 2 -name cwd \( -lname "$1" -o -lname "$1/*" \) 2>/dev/null | cut -d / -f 3
}

for pid in $(living "$1"); do
    kill -CONT "$pid" 2>/dev/null
    kill -"$2" "$pid" 2>/dev/null
done
tries=0
while [ -n "$(living "$1")" ] && [ "$tries" -lt 100 ]; do
    tries=$((tries + 1))
    sleep 0.05
    [ "$tries" -lt 40 ] || for pid in $(living "$1"); do kill -KILL "$pid" 2>/dev/null; done
done
mountpoint -q "$1" && umount -l "$1"
rm -rf "$1"
