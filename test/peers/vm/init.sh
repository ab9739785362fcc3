#!/bin/busybox sh
# First program of the virtual machine: the host's files, read-only under a layer in memory, Debian's modules, then the
# command, and power off. Words of the kernel's command line: modules=FOLDER command=FILE.
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for word in $(cat /proc/cmdline); do
  case "$word" in modules=*) modules=${word#modules=} ;; command=*) command=${word#command=} ;; esac
done
for module in virtio_pci 9pnet_virtio 9p overlay; do modprobe "$module" || echo "no module $module"; done
mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=500000 host /host
mount -t tmpfs tmpfs /layer
mkdir /layer/upper /layer/work
mount -t overlay -o lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work overlay /machine
mkdir -p /machine/lib/modules
mount -o bind "/host$modules" /machine/lib/modules
cp "/host$command" /machine/command
for folder in proc sys dev; do mount --move "/$folder" "/machine/$folder"; done
mount -t tmpfs tmpfs /machine/run
# With the root of this process changes that of the kernel, which calls modprobe for what it misses.
exec switch_root /machine /bin/bash -c 'bash /command; echo "vm: ended with $?"; busybox poweroff -f'
