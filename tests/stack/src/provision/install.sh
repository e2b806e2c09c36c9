# Installs the Debian packages named as arguments without letting them start a server or create a cluster.
exec 1>&2
policy=/usr/sbin/policy-rc.d
dropin=/etc/postgresql-common/createcluster.d/gpet-no-cluster.conf

put_back() {
    # An earlier run that was killed may have left the saved policy behind.
    rm -f "$dropin" "$policy.gpet"
    if [ -e "$policy.gpet-saved" ]; then mv -f "$policy.gpet-saved" "$policy"; else rm -f "$policy"; fi
}

if [ -e "$policy" ] && [ ! -e "$policy.gpet-saved" ] && ! grep -q "written by gpet" "$policy"; then
    cp -a "$policy" "$policy.gpet-saved"
fi
trap put_back EXIT
trap 'exit 130' INT TERM HUP

printf '#!/bin/sh\n# written by gpet during an installation: no service is started\nexit 101\n' >"$policy.gpet"
chmod 755 "$policy.gpet"
mv -f "$policy.gpet" "$policy"
mkdir -p "${dropin%/*}"
echo "create_main_cluster = false" >"$dropin"

units="postgresql.service redis-server.service rabbitmq-server.service epmd.service epmd.socket"
new_units=
for unit in $units; do
    [ -e "/lib/systemd/system/$unit" ] || new_units="$new_units $unit"
done

apt-get update
apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"

# Nor shall they start with the machine. Units that were here before belong to somebody else and stay as they are.
for unit in $new_units; do
    if [ -e "/lib/systemd/system/$unit" ] && command -v systemctl >/dev/null; then systemctl disable "$unit" || true; fi
done
