/*
 * Every construct of the C that kernels are written in that leaves a mark of
 * its own in LLVM IR. The file is compiled for all targets, optimised and not.
 */

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long ulong;
typedef unsigned long long u64;

/* Types: packed, opaque, nested, bit-fields, unions, flexible arrays. */
struct hidden;
struct __attribute__((packed)) packed { u8 tag; u64 value; u8 tail[3]; };
struct pair { long first; int second; };
struct big { struct pair pairs[4]; struct packed packed; union { u64 whole; u32 halves[2]; } both; };
struct bits { u32 low : 3, middle : 17, high : 12; u64 wide : 40; };
struct flexible { int count; struct pair items[]; };
struct callbacks { int (*open)(struct hidden *); void (*close)(struct hidden *, ...); };

/* Variables: linkage, sections, alignment, initialisers of all kinds. */
int plain = 7;
static int internal_counter;
int zeroed[100];
extern struct hidden *outside;
extern int weak_reference __attribute__((weak));
int weak_definition __attribute__((weak)) = 3;
int hidden_one __attribute__((visibility("hidden"))) = -1;
int in_section __attribute__((section(".data..percpu..shared"), aligned(64))) = 5;
__thread int per_thread = 1;
const char text[] = "quote \" backslash \\ newline \n nul \0 bang !7 hash #9 end";
const unsigned short wide[] = u"wide";
struct big filled = { .pairs = { [1] = { 1, 2 }, [3] = { -1, -2 } }, .packed = { 1, ~0ull, { 1, 2, 3 } }, .both.halves = { 5 } };
struct bits fields = { 5, 70000, 9, 1ull << 39 };
struct flexible flexible_one = { 2, { { 1, 2 }, { 3, 4 } } };
int *inner_address = &zeroed[42];
long *into_struct = &filled.pairs[2].first;
const char *string_tail = text + 6;
ulong address_as_number = (ulong)&plain;
float single = 0.1f; double twofold = -1.5e300; long double most = 1.0L;
double infinite = __builtin_inf(), not_a_number = __builtin_nan("");
_Bool truth = 1;

static int opener(struct hidden *h) { return h == outside; }
void closer(struct hidden *, ...);
const struct callbacks table = { opener, closer };
extern int aliased __attribute__((alias("plain")));
int alias_function(int x) __attribute__((alias("arithmetic")));
int odd_label(int) __asm__("odd$label.with-dash");

__asm__(".globl from_module_asm\nfrom_module_asm = 42\n\t# \"quoted\"");

/* Arithmetic, casts, comparisons, selects. */
int arithmetic(int x) {
  unsigned y = (unsigned)x;
  int shifted = (x << 3) ^ (x >> 2), logical = (int)(y >> 5);
  return x * 3 + shifted / 7 - logical % 5 + (int)(y / 9u) + (int)(y % 11u) + (x & ~y) + (x | 8);
}
long casts(char c, short s, int i, u64 w, void *p, float f, double d) {
  long total = c + s + (u8)i + (long)w + (long)p;
  total += (long)f + (long)(u32)d + (long)(double)f;
  float back = (float)w + (float)i + (float)d;
  return total + (back > d) + (back != f) + (f == f) + (p < (void *)c) + !p;
}
int minimum(int a, int b) { return a < b ? a : b; }
float negative(float x) { return -x; }
_Bool as_bool(int *p) { return *p; }
_Bool load_bool(_Bool *p) { return *p; }
#ifdef __SIZEOF_INT128__
unsigned __int128 wide_multiply(u64 a, u64 b) { return (unsigned __int128)a * b + 0x123456789abcdef0ull; }
#endif

/* Memory: volatile, bit-fields, structs by value, variable-length arrays. */
int volatile_access(volatile int *p, volatile u64 *q) { *q = (u64)*p; return *p + (int)*q; }
u32 bitfield(struct bits *b) { b->middle += 3; b->wide = b->high; return b->low; }
u64 packed_access(struct packed *p) { return p->value + p->tail[1]; }
struct pair by_value(struct pair p, struct big b) { p.first += b.pairs[1].first; return p; }
struct big returns_big(int x) { struct big b = filled; b.both.whole = (u64)x; return b; }
int passes_big(void) { return (int)by_value((struct pair){ 1, 2 }, returns_big(3)).first; }
int vla(int n, int m) { int grid[n][m]; grid[n - 1][m - 1] = n; return grid[0][0] + (int)sizeof grid; }
long pointers(struct flexible *f, struct pair *end) { return (end - f->items) + (&f->items[f->count] < end); }
void bulk(void *to, const void *from, ulong n) {
  __builtin_memcpy(to, from, n);
  __builtin_memmove(to, from, 16);
  __builtin_memset(to, 0xa5, n);
}

/* Control flow: switch, loops, computed goto, asm goto. */
int switches(int x, u64 y) {
  switch (x) { case 1: return 4; case -7: case 12: x++; break; case 100 ... 105: return x; default: x--; }
  switch (y) { case ~0ull: return 1; case 1ull << 40: return 2; }
  return x;
}
int dispatch(int op, int x) {
  static const void *const labels[] = { &&up, &&down, &&done };
  static const long distance = (char *)&&down - (char *)&&up;
  goto *labels[op];
up: x += (int)distance; goto *labels[2];
down: x--;
done: return x;
}
int loops(int n) { int s = 0; for (int i = 0; i < n; i++) { if (i == 7) continue; if (s > 100) break; s += i; } do s--; while (s & 1); return s; }
void never(void) __attribute__((noreturn));
int gives_up(int x) { if (x) never(); __builtin_unreachable(); }
static inline __attribute__((always_inline)) int helper(int x) { int local = x * 2; return local + internal_counter++; }
static __attribute__((noinline)) int outer_helper(int x) { return helper(x) + helper(x + 1); }
int inlines(int x) { return helper(x) + outer_helper(x); }
void cleaned(int **p);
int cleanup(void) { int *p __attribute__((cleanup(cleaned))) = &plain; return *p; }
int tail_call(int x) { return arithmetic(x + 1); }
int calls_odd(int x) { return odd_label(x); }
int indirect(struct callbacks *c, struct hidden *h) { c->close(h, 1, 2.0, h); return c->open(h); }

/* Inline assembly. */
int assembly(int *p, int x) {
  int out, flags;
  __asm__ volatile("# \"text\" $ %% %0 %1 %2" : "=r"(out), "+m"(*p) : "r"(x) : "memory");
  __asm__("# tied %0 %1" : "=r"(flags) : "0"(out));
  __asm__ volatile("" ::: "memory");
  __asm__ volatile("# const %c0 %1" : : "i"(42), "m"(*p));
  return out + flags;
}
int asm_goto(int x) {
  __asm__ goto("# jump %l[other] %l[third] %0" : : "r"(x) : "memory" : other, third);
  return 1;
other:
  return 2;
third:
  return 3;
}
int asm_goto_output(int x) {
  int out;
  __asm__ goto("# %0 %1 %l2" : "=r"(out) : "r"(x) : : failed);
  return out;
failed:
  return -1;
}

/* Atomics and fences. */
int atomics(int *p, long *q, u8 *b, int e) {
  int old = __atomic_load_n(p, __ATOMIC_RELAXED) + __atomic_load_n(p, __ATOMIC_ACQUIRE);
  __atomic_store_n(p, 1, __ATOMIC_RELEASE);
  __atomic_store_n(b, 1, __ATOMIC_SEQ_CST);
  old += __atomic_fetch_add(p, 1, __ATOMIC_RELAXED) + __atomic_sub_fetch(p, 2, __ATOMIC_ACQ_REL);
  old += __atomic_fetch_and(p, 3, __ATOMIC_SEQ_CST) + __atomic_fetch_or(p, 4, __ATOMIC_RELEASE);
  old += __atomic_fetch_xor(p, 5, __ATOMIC_ACQUIRE) + __atomic_fetch_nand(p, 6, __ATOMIC_SEQ_CST);
  old += __atomic_exchange_n(b, 7, __ATOMIC_SEQ_CST) + (int)__sync_fetch_and_add(q, 8);
  old += __atomic_compare_exchange_n(p, &e, 9, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
  old += __atomic_compare_exchange_n(p, &e, 9, 1, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  __atomic_thread_fence(__ATOMIC_ACQUIRE);
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  __sync_synchronize();
  return old;
}
void *exchange_pointer(void **p, void *v) { return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST); }

/* Builtins that become intrinsics. */
int builtins(u32 x, u64 y, int a, int b, int *out) {
  int sum = __builtin_add_overflow(a, b, out) + __builtin_mul_overflow(a, 3, out) + __builtin_sub_overflow(a, b, out);
  sum += __builtin_ctz(x) + __builtin_clzll(y) + __builtin_popcountll(y) + __builtin_ffs(a) + __builtin_parity(x);
  sum += (int)__builtin_bswap32(x) + (int)__builtin_bswap64(y) + (int)__builtin_bswap16((unsigned short)x);
  sum += (int)((x << 7) | (x >> 25)) + __builtin_constant_p(a) + (int)__builtin_object_size(out, 0);
  if (__builtin_expect(a > b, 0)) __builtin_trap();
  __builtin_prefetch(out);
  __builtin_assume(a != 77);
  return sum + (__builtin_return_address(0) == out) + (__builtin_frame_address(0) == out);
}
int variadic(int n, ...) {
  __builtin_va_list list, copy;
  __builtin_va_start(list, n);
  __builtin_va_copy(copy, list);
  int sum = __builtin_va_arg(list, int) + (int)__builtin_va_arg(copy, double);
  sum += (int)__builtin_va_arg(list, struct pair).first;
  __builtin_va_end(copy);
  __builtin_va_end(list);
  return sum + variadic(2, 1, 2.5, (struct pair){ 3, 4 });
}

/* Vectors, from the attribute and from the optimiser. */
typedef int v4 __attribute__((vector_size(16)));
v4 vectors(v4 a, v4 b, int i) { a[i] = 5; v4 c = __builtin_shufflevector(a, b, 0, 5, 2, 7); return (a + b * 2) & (c > a); }
int element(v4 a, int i) { return a[i]; }
int reduction(const int *p) { int s = 0; for (int i = 0; i < 64; i++) s += p[i] * 3; return s; }

/* Other address spaces. */
int far(int __attribute__((address_space(1))) *p) { return *p; }
