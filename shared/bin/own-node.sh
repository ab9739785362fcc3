# Sourced by the command of a workspace, whose folder is $package. Sets $node: the project's own Node.js, whatever the
# machine has besides. It will read the code that "npm ci" compiled, if nobody but the source's owner may write that.

node=$package/../node_modules/.bin/node
if [ ! -x "$node" ]; then
  node=node
  if ! node -e 'process.exitCode = parseInt(process.versions.node) < 26 ? 1 : 0' 2>/dev/null; then
    echo "${0##*/} needs Node.js 26 or later: on Linux \"npm ci\" installs it for this project alone" >&2
    exit 2
  fi
fi

# Node holds compiled code against its source by a checksum, which stops mistakes and no attacker.
owner=$(stat -c %u "$package/src" 2>/dev/null)
others=$(find "$package/compiled" -maxdepth 1 \( ! -user "$owner" -o -perm -020 -o -perm -002 \) 2>&1)
if [ -n "$owner" ] && [ -z "$others" ]; then
  export NODE_COMPILE_CACHE="$package/compiled" NODE_COMPILE_CACHE_READONLY=1
fi
