#!/bin/sh
# Start coturn with turnserver.conf and with what only your place knows:
#   MEDIA_ADDRESS     the room node's IPv4 address: the one peer that anybody is relayed to
#   TURN_SECRET_FILE  the file with the secret that the room node has too
#   TURN_CERT_FILE, TURN_KEY_FILE  its certificate and key, PEM
#   RELAY_ADDRESS     this machine's IPv4 address towards the room node; its first one unless set
# Further words go to turnserver. The secret stands in no command line, no one's address in what is logged, and what any
# stranger can cause is not logged at all.
set -eu
umask 077

case ${MEDIA_ADDRESS:?the IPv4 address of the room node} in
*[!0-9.]*) echo "MEDIA_ADDRESS=$MEDIA_ADDRESS is not an IPv4 address: the relay knows no other." >&2 && exit 1 ;;
esac
secret=$(cat "${TURN_SECRET_FILE:?the file with the secret of the room node}")
relay=${RELAY_ADDRESS:-$(hostname -I | tr ' ' '\n' | grep -m 1 -F .)}
own=$(mktemp -d)

cat "$(dirname "$0")/turnserver.conf" - > "$own/conf" <<END
static-auth-secret=$secret
allowed-peer-ip=$MEDIA_ADDRESS
relay-ip=$relay
cert=${TURN_CERT_FILE:?the certificate}
pkey=${TURN_KEY_FILE:?its key}
pidfile=$own/pid
END

mkfifo "$own/log"
{
  trap '' TERM INT HUP
  sed -u -E -e '/denied in the range|check_stun_auth|socket error/d' \
    -e 's/([0-9]{1,3}\.){3}[0-9]{1,3}(:[0-9]+)?|([0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(:[0-9]+)?/ADDRESS/gi' < "$own/log"
  rm -r "$own"
} &
exec turnserver -c "$own/conf" "$@" > "$own/log" 2>&1
