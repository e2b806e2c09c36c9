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

apt-get update
apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
