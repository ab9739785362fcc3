#!/usr/bin/python3
"""Runs a command as systemd would under a unit's sandbox, in a root folder, where no systemd runs.

sandboxed.py UNIT NODE ROOT [--may-execute] [COMMAND...]     (as root; default command: the unit's ExecStart)

Read from the unit: user, groups, rlimits, system calls, address families, capabilities, paths. Not done: PrivateUsers,
device ACLs, cgroup limits. --may-execute leaves NoExecPaths out, so that a shell can look at the rest.
"""
import ctypes
import errno
import os
import resource
import subprocess
import sys

import seccomp

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUTS = 0x00020000, 0x08000000, 0x04000000
NAMESPACES = [0x00000080, 0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000]
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38
LIBC = ctypes.CDLL(None, use_errno=True)
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}


def main():
    words = sys.argv[1:]
    may_execute = "--may-execute" in words
    words = [word for word in words if word != "--may-execute"]
    path, node, root, command = words[0], words[1], words[2], words[3:]
    unit = read_unit(path, node)
    command = command or unit["ExecStart"][0].split()
    user = pwd_in(root, unit["User"][0])
    groups = [group_in(root, name) for name in [unit["Group"][0], *unit.get("SupplementaryGroups", [])]]
    # Listed while there still is a /usr/bin to run.
    system_calls = system_call_sets()

    call(LIBC.unshare, CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS)
    mounts(root, node, unit, may_execute)
    os.chroot(root)
    os.chdir("/")

    # A container may have a lower limit that nobody in it can raise.
    files = min(int(unit["LimitNOFILE"][0]), resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    resource.setrlimit(resource.RLIMIT_CORE, (int(unit["LimitCORE"][0]),) * 2)
    os.umask(int(unit["UMask"][0], 8))
    assert unit["CapabilityBoundingSet"] == [""], "capabilities are not for this script"
    for capability in range(0, 41):
        LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    os.setgroups(groups)
    os.setresgid(groups[0], groups[0], groups[0])
    os.setresuid(user, user, user)
    assert unit["NoNewPrivileges"] == ["yes"]
    call(LIBC.prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    restrictions(unit).load()
    system_call_filter(unit, system_calls).load()
    os.execve(command[0], command, {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"})


def read_unit(path, node):
    settings = {}
    for line in open(path, encoding="utf-8"):
        line = line.strip().replace("%i", node)
        if "=" in line and not line.startswith("#"):
            key, value = line.split("=", 1)
            settings.setdefault(key, []).append(value)
    return settings


def call(function, *arguments):
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def pwd_in(root, name):
    for line in open(f"{root}/etc/passwd", encoding="utf-8"):
        if line.split(":")[0] == name:
            return int(line.split(":")[2])
    raise KeyError(name)


def group_in(root, name):
    for line in open(f"{root}/etc/group", encoding="utf-8"):
        if line.split(":")[0] == name:
            return int(line.split(":")[2])
    raise KeyError(name)


def mount(*words):
    subprocess.run(["mount", *words], check=True)


def inside(root, path):
    """The path with its links followed as if root were /."""
    full = root
    for part in path.strip("/").split("/"):
        full = f"{full}/{part}"
        if os.path.islink(full):
            target = os.readlink(full)
            full = inside(root, target if target.startswith("/") else f"{os.path.dirname(full)[len(root):]}/{target}")
    return full


def mounts(root, node, unit, may_execute):
    execution = "exec" if may_execute else "noexec"
    mount("--make-rprivate", "/")
    assert unit["ProtectSystem"] == ["strict"] and unit["NoExecPaths"] == ["/"]
    mount("--bind", root, root)
    mount("-o", f"remount,bind,ro,{execution}", root)
    for path in unit["ExecPaths"][0].split():
        optional, path = path.startswith("-"), path.lstrip("-")
        place = inside(root, path)
        if optional and not os.path.exists(place):
            continue
        mount("--bind", place, place)
        mount("-o", "remount,bind,ro,exec,nosuid", place)
    state = f"{root}/var/lib/{unit['StateDirectory'][0]}"
    mount("--bind", state, state)
    mount("-o", f"remount,bind,rw,{execution},nosuid,nodev", state)
    assert unit["ProtectHome"] == ["yes"] and unit["PrivateTmp"] == ["yes"] and unit["PrivateDevices"] == ["yes"]
    for folder in ["home", "root"]:
        mount("-t", "tmpfs", "-o", "ro,mode=000", "none", f"{root}/{folder}")
    for folder in ["tmp", "var/tmp"]:
        mount("-t", "tmpfs", "-o", "noexec,nosuid,nodev,mode=1777", "none", f"{root}/{folder}")
    mount("-t", "tmpfs", "-o", "mode=755", "none", f"{root}/dev")
    for device in ["null", "zero", "full", "random", "urandom"]:
        open(f"{root}/dev/{device}", "w").close()
        mount("--bind", f"/dev/{device}", f"{root}/dev/{device}")
    mount("-o", "remount,ro,noexec", f"{root}/dev")
    assert unit["ProtectProc"] == ["invisible"] and unit["ProcSubset"] == ["pid"]
    mount("-t", "proc", "-o", "hidepid=invisible,subset=pid", "proc", f"{root}/proc")


def system_call_sets():
    text = subprocess.run(["systemd-analyze", "syscall-filter"], check=True, capture_output=True, text=True).stdout
    sets, name = {}, None
    for line in text.splitlines():
        if line.startswith("@"):
            name = line.strip()
            sets[name] = []
        elif name is not None and line.startswith("    ") and not line.strip().startswith("#"):
            sets[name].append(line.strip())
        elif line and not line.startswith(" "):
            name = None
    return sets


def expanded(sets, names):
    calls = set()
    for name in names:
        calls |= expanded(sets, sets[name]) if name.startswith("@") else {name}
    return calls


def system_call_filter(unit, sets):
    """What SystemCallFilter allows; everything else is EPERM."""
    allowed = expanded(sets, ["@default"])
    for value in unit["SystemCallFilter"]:
        calls = expanded(sets, value.lstrip("~").split())
        allowed = allowed - calls if value.startswith("~") else allowed | calls
    # Needed to begin at all; systemd allows it too.
    allowed |= {"execve"}
    assert unit["SystemCallErrorNumber"] == ["EPERM"]
    rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))
    for name in sorted(allowed):
        try:
            rules.add_rule(seccomp.ALLOW, name)
        except (RuntimeError, OSError):
            pass  # of another architecture
    return rules


def restrictions(unit):
    """RestrictAddressFamilies, RestrictNamespaces, RestrictRealtime, LockPersonality."""
    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    families = {FAMILIES[name] for name in unit["RestrictAddressFamilies"][0].split()}
    for family in set(range(0, 46)) - families:
        rules.add_rule(seccomp.ERRNO(errno.EAFNOSUPPORT), "socket", seccomp.Arg(0, seccomp.EQ, family))
    for setting in ["RestrictNamespaces", "RestrictRealtime", "LockPersonality"]:
        assert unit[setting] == ["yes"], setting
    for flag in NAMESPACES:
        rules.add_rule(seccomp.ERRNO(errno.EPERM), "clone", seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag))
        rules.add_rule(seccomp.ERRNO(errno.EPERM), "unshare", seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag))
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")
    rules.add_rule(seccomp.ERRNO(errno.EPERM), "setns")
    for policy in [1, 2, 6]:
        rules.add_rule(seccomp.ERRNO(errno.EPERM), "sched_setscheduler", seccomp.Arg(1, seccomp.EQ, policy))
    rules.add_rule(seccomp.ERRNO(errno.EPERM), "personality", seccomp.Arg(0, seccomp.NE, 0))
    return rules


if __name__ == "__main__":
    main()
