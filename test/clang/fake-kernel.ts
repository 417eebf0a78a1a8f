/**
 * A kernel tree and a set of build tools, both small enough to read: the tree
 * has a Makefile, a Kconfig and two source files, and `make` is a shell script
 * that leaves what kbuild leaves. It shows what we ask of kbuild and what we
 * make of its answers; that kbuild gives these answers is tested on a real tree.
 */

import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

export interface FakeKernel {
  readonly folder: string;
  readonly tree: string;
  /** PATH that has the fake tools first. */
  readonly path: string;
  /** File to which `make` writes a line for each call. */
  readonly log: string;
}

const MAKEFILE = `VERSION = 6
PATCHLEVEL = 12
SUBLEVEL = 9
EXTRAVERSION = -test
`;

const KCONFIG = `config PARAVIRT
	bool "paravirtualisation"

config HYPERV
	bool "guest support"
	depends on PARAVIRT && \\
		SMP
	select STUBBORN

config STUBBORN
	bool

config FICKLE
	bool "goes away when settled"
	depends on NOWHERE
	help
	  depends on nothing.
`;

/** The tree's scripts/config: states a symbol at the end of the file. */
const CONFIG_SCRIPT = `#!/bin/sh
file=$2; shift 2
while [ $# -gt 0 ]; do
	grep -v "^CONFIG_$2=" "$file" > "$file.new"; mv "$file.new" "$file"
	[ "$1" = --enable ] && echo "CONFIG_$2=y" >> "$file"
	shift 2
done
`;

const MAKE_SCRIPT = `#!/bin/bash
echo "$PWD $*" >> "$FAKE_MAKE_LOG"
flags=
for word in "$@"; do
	case "$word" in
	O=*) out=\${word#O=} ;;
	CFLAGS_*) flags="$flags $word" ;;
	*) ;;
	esac
done
for word in "$@"; do
	case "$word" in
	defconfig) echo 'CONFIG_SMP=y' > "$out/.config" ;;
	olddefconfig)
		grep -v '^CONFIG_FICKLE=' "$out/.config" > "$out/.new"; mv "$out/.new" "$out/.config"
		echo 'CONFIG_CC_VERSION_TEXT="clang version 30.0.0"' >> "$out/.config" ;;
	prepare)
		[ "$FAKE_MAKE" = hang ] && { sleep 60 & echo $! > "$FAKE_MAKE_LOG.pid"; wait; }
		echo '  GEN     include/generated/autoconf.h' ;;
	*.ll)
		if [ "$FAKE_MAKE" = fail ]; then
			echo "mm/gup.c:3:1: error: this tree is broken" >&2; exit 2
		fi
		mkdir -p "$out/$(dirname $word)"
		echo "  CC      $word"
		cat > "$out/$word" <<-END
			; ModuleID = '$PWD/x.c'
			source_filename = "$PWD/x.c"
			; $flags
			!llvm.ident = !{!0}
		END
		cat > "$out/$(dirname $word)/.$(basename $word).cmd" <<-END
			savedcmd_$word := clang-30 -Wp,-MMD,x.d -I./include -include $PWD/kconfig.h -D'A="b c"' -DKBUILD_MODNAME='"gup"' -g -Xclang -disable-llvm-passes -o $word $PWD/x.c
		END
		;;
	esac
done
`;

const CLANG_SCRIPT = '#!/bin/sh\necho "clang version 30.0.0"\n';

/** Writes both into a new temporary folder. */
export function writeFakeKernel(): FakeKernel {
  const folder = mkdtempSync(join(tmpdir(), 'shootdown-kbuild-'));
  const tree = join(folder, 'linux');
  const write = (path: string, text: string, executable = false): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    if (executable) chmodSync(path, 0o755);
  };
  write(join(tree, 'Makefile'), MAKEFILE);
  write(join(tree, 'Kconfig'), '');
  write(join(tree, 'arch', 'x86', 'Kconfig'), KCONFIG);
  write(join(tree, 'scripts', 'config'), CONFIG_SCRIPT, true);
  write(join(tree, 'mm', 'Makefile'), 'CFLAGS_gup.o := -I $(src)/own\n');
  write(join(tree, 'mm', 'gup.c'), '');
  write(join(tree, 'mm', 'memory.c'), '');
  const tools = join(folder, 'bin');
  write(join(tools, 'make'), MAKE_SCRIPT, true);
  for (const name of ['clang', 'ld.lld', 'llvm-ar', 'llvm-nm', 'llvm-objcopy', 'llvm-objdump']) {
    write(join(tools, `${name}-30`), CLANG_SCRIPT, true);
  }
  for (const name of ['llvm-readelf-30', 'llvm-strip-30', 'flex', 'bison', 'bc', 'perl', 'awk']) {
    write(join(tools, name), CLANG_SCRIPT, true);
  }
  const path = `${tools}${delimiter}${process.env.PATH ?? ''}`;
  return { folder, tree, path, log: join(folder, 'make.log') };
}
