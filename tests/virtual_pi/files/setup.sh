# Runs in the new root file system: setup.sh USER UID MODULES
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
user=$1 uid=$2 modules=$3

# The user, groups and rules of Raspberry Pi OS; the user is not in the group spi yet.
groupadd --system spi
groupadd --system gpio
useradd --create-home --uid "$uid" --shell /bin/bash "$user"
echo "$user ALL=(ALL) NOPASSWD: ALL" > /etc/sudoers.d/010_user
echo 'SUBSYSTEM=="spidev", GROUP="spi", MODE="0660"' > /etc/udev/rules.d/99-com.rules

echo raspberrypi > /etc/hostname
echo '127.0.0.1 localhost raspberrypi' > /etc/hosts
echo 'LABEL=pi / ext4 defaults 0 1' > /etc/fstab

# Root's shell on the serial console.
passwd -d root
mkdir -p /etc/systemd/system/serial-getty@ttyAMA0.service.d
cat > /etc/systemd/system/serial-getty@ttyAMA0.service.d/login.conf <<'UNIT'
[Service]
ExecStart=
ExecStart=-/sbin/agetty --autologin root --noclear --keep-baud 115200 %I vt220
UNIT
systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
    e2scrub_reap.service fstrim.timer systemd-timesyncd.service getty@tty1.service
# After a power cut the journal shows what has happened before.
mkdir -p /var/log/journal

su - "$user" -c 'python3 -m venv --system-site-packages klippy-env'

sed -i 's/^MODULES=.*/MODULES=list/; s/^COMPRESS=.*/COMPRESS=zstd/' \
    /etc/initramfs-tools/initramfs.conf
printf '%s\n' $modules > /etc/initramfs-tools/modules
update-initramfs -c -k all
