/*
 * Sizes, alignments and offsets. The constants are the compiler's own; the
 * functions compute the same addresses with getelementptr.
 */

typedef unsigned long long u64;
#define offsetof(type, member) __builtin_offsetof(type, member)

struct small { char a; short b; char c; int d; };
struct wide { char a; u64 b; int c; double d; char e; };
struct pointers { char a; void *p; char b; long l; char c; };
struct __attribute__((packed)) packed { char a; u64 b; short c; void *p; };
struct nested { char a; struct wide w[3]; struct packed p; struct small s[2][5]; };
struct aligned { char a; int b __attribute__((aligned(32))); char c; };
struct floats { char a; float f; char b; double d; char c; long double l; char e; };
union either { char a; struct wide w; u64 n[7]; };
struct with_union { int a; union either u; char z; };
struct empty {};
struct holds_empty { int a; struct empty e; char b; };
struct flexible { int n; u64 items[]; };
struct bits { unsigned a : 3; unsigned b : 30; u64 c : 33; char d; };
#ifdef __SIZEOF_INT128__
struct huge { char a; unsigned __int128 h; char b; };
#endif
typedef int v4 __attribute__((vector_size(16)));
struct vectors { char a; v4 v; char b; };

#define SIZE(name, type) const u64 size_##name = sizeof(type); type variable_##name
SIZE(small, struct small);
SIZE(wide, struct wide);
SIZE(pointers, struct pointers);
SIZE(packed, struct packed);
SIZE(nested, struct nested);
SIZE(aligned, struct aligned);
SIZE(floats, struct floats);
SIZE(either, union either);
SIZE(with_union, struct with_union);
SIZE(holds_empty, struct holds_empty);
SIZE(bits, struct bits);
#ifdef __SIZEOF_INT128__
SIZE(huge, struct huge);
#endif
SIZE(vectors, struct vectors);

/* The function returns an address `offset_<name>` beyond its argument. */
#define OFFSET(name, type, member) \
  const u64 offset_##name = offsetof(type, member); \
  void *address_##name(type *p) { return (void *)&p->member; }
OFFSET(small_d, struct small, d)
OFFSET(wide_b, struct wide, b)
OFFSET(wide_e, struct wide, e)
OFFSET(pointers_l, struct pointers, l)
OFFSET(packed_p, struct packed, p)
OFFSET(nested_w2d, struct nested, w[2].d)
OFFSET(nested_p, struct nested, p.c)
OFFSET(nested_s, struct nested, s[1][4].c)
OFFSET(aligned_b, struct aligned, b)
OFFSET(floats_l, struct floats, l)
OFFSET(floats_e, struct floats, e)
OFFSET(with_union, struct with_union, u.n[5])
OFFSET(with_union_z, struct with_union, z)
OFFSET(flexible, struct flexible, items[9])
OFFSET(bits_d, struct bits, d)
#ifdef __SIZEOF_INT128__
OFFSET(huge_h, struct huge, h)
OFFSET(huge_b, struct huge, b)
#endif
OFFSET(vectors_v, struct vectors, v)

/* The address of an initialised pointer: a constant expression. */
extern struct nested base[8];
const u64 offset_constant = 5 * sizeof(struct nested) + offsetof(struct nested, w[1].c);
void *pointer_constant = &base[5].w[1].c;
const u64 offset_negative = -(2 * sizeof(struct small));
void *address_negative(struct small *p) { return p - 2; }
