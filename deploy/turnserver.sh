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

peer=${MEDIA_ADDRESS:?the IPv4 address of the room node}
secret=$(cat "${TURN_SECRET_FILE:?the file with the secret of the room node}")
relay=${RELAY_ADDRESS:-$(hostname -I | tr ' ' '\n' | grep -m 1 -F .)}
case $peer$relay in
*[!0-9.]*) echo "$peer or $relay is not an IPv4 address: the relay knows no other." >&2 && exit 1 ;;
esac
if [ ${#secret} -lt 32 ]; then
  echo "The secret is too short. Use at least 32 characters: openssl rand -hex 32." >&2 && exit 1
fi
cert=${TURN_CERT_FILE:?the certificate}
key=${TURN_KEY_FILE:?its key}
own=$(mktemp -d)

cat "$(dirname "$0")/turnserver.conf" - > "$own/conf" <<END
static-auth-secret=$secret
allowed-peer-ip=$peer
relay-ip=$relay
cert=$cert
pkey=$key
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
