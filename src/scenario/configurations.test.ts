import { describe, expect, test } from 'vitest';
import {
  type Configuration,
  describeTarget,
  expandBuiltin,
  expandKernelFolder,
  type Selection,
} from './configurations.ts';
import type { ScenarioHeader } from './header.ts';
import { InputError } from './input-error.ts';

const HEADER: ScenarioHeader = {
  question: 'q',
  source: 's',
  cpus: [{ name: 'a', description: 'd' }],
  variants: [
    { name: 'mainline', description: 'd' },
    { name: 'no-sync', description: 'd' },
  ],
  arches: ['i386-pae', 'x86_64'],
  platforms: ['native', 'kvm', 'hyperv', 'xen', 'invlpgb'],
  preemptions: { kvm: 1 },
  online: {},
  nmis: 0,
  config: ['HIGHPTE', 'PARAVIRT'],
  builtin: ['no-sync'],
  eras: {},
  expectations: [],
};
const FOLDER = {
  folder: 'out/pae',
  arch: 'i386-pae',
  version: '6.12.117',
  config: { HIGHPTE: true, SMP: true },
} as const;

const targets = (all: readonly Configuration[]): string[] => [
  ...new Set(all.map((one) => `${describeTarget(one)} ${one.era}`)),
];
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}
const expand = (selection: Selection): Configuration[] => expandBuiltin('demo', HEADER, selection);

describe('what is omitted means every one that exists', () => {
  test('all', () => {
    expect(targets(expand({}))).toEqual([
      'i386-pae native 6.12',
      'i386-pae kvm 6.12',
      'i386-pae hyperv 6.12',
      'x86_64 native 6.12',
      'x86_64 kvm 6.12',
      'x86_64 hyperv 6.12',
      'x86_64 xen 6.12',
      'x86_64 invlpgb 6.18',
    ]);
    expect(expand({})).toHaveLength(16);
  });

  test.each([
    [{ arches: ['i386-pae'] }, 'i386-pae native 6.12, i386-pae kvm 6.12, i386-pae hyperv 6.12'],
    [{ platforms: ['xen'] }, 'x86_64 xen 6.12'],
    [{ platforms: ['invlpgb'] }, 'x86_64 invlpgb 6.18'],
    [{ platforms: ['invlpgb'], era: '6.18' }, 'x86_64 invlpgb 6.18'],
    [{ arches: ['x86_64'], era: '6.12', config: ['PARAVIRT=n'] }, 'x86_64 native PARAVIRT=n 6.12'],
    [{ platforms: ['native'], config: ['HIGHPTE=y'] }, 'i386-pae native 6.12'],
    [
      { platforms: ['native'], config: ['HIGHPTE=n'] },
      'i386-pae native HIGHPTE=n 6.12, x86_64 native 6.12',
    ],
    [
      { platforms: ['native'], config: ['CONFIG_HIGHPTE=n'], arches: ['x86_64'] },
      'x86_64 native 6.12',
    ],
  ] as const)('%j', (selection, expected) => {
    expect(targets(expand(selection)).join(', ')).toBe(expected);
  });

  test('the header orders the table, not the command line', () => {
    const all = expand({ variants: ['no-sync', 'mainline'], platforms: ['kvm', 'native'] });
    expect(all.map((one) => `${one.variant} ${one.platform}`).slice(0, 2)).toEqual([
      'mainline native',
      'mainline kvm',
    ]);
  });

  test('each configuration is whole', () => {
    const [one] = expand({ variants: ['no-sync'], arches: ['i386-pae'], platforms: ['kvm'] });
    expect(one).toEqual({
      scenario: 'demo',
      variant: 'no-sync',
      variantIndex: 1,
      kernel: 'builtin',
      config: { HIGHPTE: true, PARAVIRT: true },
      era: '6.12',
      arch: 'i386-pae',
      platform: 'kvm',
      memory: 'tso',
      preemptions: 1,
      expected: null,
      platformCodeMissing: null,
      stackZeroed: false,
    });
  });
});

describe('a variant that is not in every era', () => {
  const later: ScenarioHeader = {
    ...HEADER,
    platforms: ['native', 'invlpgb'],
    eras: { 'no-sync': ['6.18'] },
  };
  const rows = (header: ScenarioHeader, selection: Selection): string[] =>
    expandBuiltin('demo', header, { arches: ['x86_64'], ...selection }).map(
      ({ variant, platform, era }) => `${variant} ${platform} ${era}`,
    );

  test('runs at one that has it', () => {
    expect(rows(later, {})).toEqual([
      'mainline native 6.12',
      'mainline invlpgb 6.18',
      'no-sync native 6.18',
      'no-sync invlpgb 6.18',
    ]);
  });

  test('is left out of the others, and refused there', () => {
    expect(rows(later, { era: '6.1', platforms: ['native'] })).toEqual(['mainline native 6.1']);
    expect(refusal(() => rows(later, { era: '6.1', variants: ['mainline', 'no-sync'] }))).toBe(
      'demo, no-sync: no such code in Linux 6.1\n  ask for --era 6.18',
    );
    const all: ScenarioHeader = { ...later, eras: { ...later.eras, mainline: ['6.12', '6.18'] } };
    expect(refusal(() => rows(all, { era: '6.1' }))).toBe(
      'demo, all variants: no such code in Linux 6.1\n  ask for --era 6.12 or 6.18',
    );
  });
});

describe('refusals', () => {
  test.each([
    [{ variants: ['nosync'] }, "demo has no variant 'nosync'\n  did you mean no-sync?"],
    [{ arches: ['i386'] }, "unknown architecture 'i386'\n  did you mean i386-pae? architectures: "],
    [
      { arches: ['mips'] },
      "unknown architecture 'mips'\n  architectures: x86_64, i386-pae, arm64, riscv, s390, powerpc",
    ],
    [{ platforms: ['hyper-v'] }, "unknown platform 'hyper-v'\n  did you mean hyperv?"],
    [{ memory: 'lkmm' }, "unknown memory model 'lkmm'"],
    [{ memory: 'weak' }, "unknown memory model 'weak'"],
    [{ era: '5.4' }, "unknown era '5.4'"],
    [{ arches: ['i386-pae'], platforms: ['invlpgb'] }, 'uses INVLPGB on 64 bits only'],
    [{ arches: ['i386-pae'], platforms: ['xen'] }, 'Xen PV guest on 64 bits only'],
    [{ platforms: ['invlpgb'], era: '6.12' }, 'Linux 6.12 has no INVLPGB'],
    [{ platforms: ['kvm'], config: ['PARAVIRT=n'] }, 'PARAVIRT=n cannot be a kvm guest'],
    [{ arches: ['x86_64'], config: ['HIGHPTE=y'] }, 'x86_64 has no HIGHPTE'],
    [{ arches: ['i386-pae'], era: '6.18', config: ['HIGHPTE=y'] }, '6.18 has no HIGHPTE'],
    [{ config: ['HIGHPTE'] }, "--config wants NAME=y or NAME=n, not 'HIGHPTE'"],
    [{ config: ['HIGHPTE=m'] }, "--config wants NAME=y or NAME=n, not 'HIGHPTE=m'"],
    [{ config: ['HIGHTPE=n'] }, "unknown configuration symbol 'HIGHTPE'\n  did you mean HIGHPTE?"],
    [{ config: ['HIGHPTE=n', 'HIGHPTE=y'] }, 'sets HIGHPTE both to y and to n'],
  ] as const)('%j', (selection, message) => {
    expect(refusal(() => expand(selection))).toContain(message);
  });

  test('when nothing is left, every reason is given', () => {
    const pae: ScenarioHeader = { ...HEADER, arches: ['i386-pae'] };
    expect(refusal(() => expandBuiltin('demo', pae, { platforms: ['xen', 'invlpgb'] }))).toBe(
      'no configuration of demo is left\n' +
        '  --arch i386-pae --platform xen: Linux runs as a Xen PV guest on 64 bits only, not on i386-pae\n' +
        '  --arch i386-pae --platform invlpgb: Linux uses INVLPGB on 64 bits only, not on i386-pae',
    );
  });

  test('what the scenario does not run on', () => {
    const small: ScenarioHeader = {
      ...HEADER,
      arches: ['x86_64'],
      platforms: ['native'],
      config: ['PARAVIRT'],
    };
    const ask = (selection: Selection) => refusal(() => expandBuiltin('demo', small, selection));
    expect(ask({ arches: ['i386-pae'] })).toContain('demo does not run with --arch i386-pae');
    expect(ask({ platforms: ['kvm'] })).toContain('demo does not run with --platform kvm');
    expect(ask({ config: ['HIGHPTE=n'] })).toContain('HIGHPTE does not matter to demo');
  });
});

describe('with a build folder', () => {
  const inFolder = (selection: Selection): Configuration[] =>
    expandKernelFolder('demo', HEADER, selection, FOLDER);

  test('its architecture, configuration and version apply', () => {
    expect(targets(inFolder({}))).toEqual([
      'i386-pae native PARAVIRT=n 6.12',
      'i386-pae kvm PARAVIRT=n 6.12',
      'i386-pae hyperv PARAVIRT=n 6.12',
    ]);
    expect(inFolder({})[0].kernel).toBe('out/pae');
  });

  test('variants whose code no tree has are left out', () => {
    const names = inFolder({}).map(({ variant }) => variant);
    expect(names).not.toContain('no-sync');
    const builtin = HEADER.variants.map(({ name }) => name);
    const nothing = { ...HEADER, builtin };
    const none = refusal(() => expandKernelFolder('demo', nothing, {}, FOLDER));
    expect(none).toContain('demo is for the built-in kernel');
  });

  test('platforms that the tree has no code for are named', () => {
    const folder = { ...FOLDER, arch: 'x86_64', config: { KVM_GUEST: true } } as const;
    const missing = (version: string) =>
      Object.fromEntries(
        expandKernelFolder('demo', HEADER, { variants: ['mainline'] }, { ...folder, version }).map(
          (one) => [one.platform, one.platformCodeMissing],
        ),
      );
    expect(missing('6.12.117')).toEqual({
      native: null,
      kvm: null,
      hyperv: 'the tree is configured without HYPERV',
      xen: 'the tree is configured without XEN_PV',
      invlpgb: 'Linux 6.12.117 has no INVLPGB code: it came in 6.15',
    });
    expect(missing('6.18.0').invlpgb).toBeNull();
  });

  test.each([
    [{ config: ['HIGHPTE=n'] }, '--config is for the built-in kernel'],
    [{ era: '6.12' }, '--era is for the built-in kernel; out/pae was built from Linux 6.12.117'],
    [{ arches: ['x86_64'] }, '--arch x86_64: out/pae was built for i386-pae'],
    [{ platforms: ['invlpgb'] }, 'uses INVLPGB on 64 bits only'],
    [{ variants: ['no-sync'] }, 'demo, no-sync is for the built-in kernel'],
  ] as const)('%j', (selection, message) => {
    expect(refusal(() => inFolder(selection))).toContain(message);
  });
});
