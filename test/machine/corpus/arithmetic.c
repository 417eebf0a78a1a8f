// SPDX-License-Identifier: Apache-2.0
/*
 * What unoptimised C does to integers, structs, memory and control, each
 * result a u64 in `out`. Only types of one size everywhere, so that 32 and 64
 * bits agree; run by the interpreter and, where there is one, by the host.
 */
typedef unsigned char u8; typedef signed char s8;
typedef unsigned short u16; typedef signed short s16;
typedef unsigned int u32; typedef signed int s32;
typedef unsigned long long u64; typedef signed long long s64;

#define RESULTS 128
u64 out[RESULTS];
static int used;
static void put(u64 value) { out[used++] = value; }

/* -- widths ---------------------------------------------------------------- */

static u64 mix(u64 a, u64 b) { return (a ^ (b >> 7)) * 0x9e3779b97f4a7c15ull + (b << 9); }
static u32 narrow(u64 v) { return (u8)v + (u16)(v >> 8) * 3u + (u32)(v >> 24); }
static s64 widen(s8 a, s16 b, s32 c) { return (s64)a * b + ((s64)c << 20) - (a < b) + (c >= a); }

static void widths(void)
{
	u64 v = 0x123456789abcdef0ull;
	int i;

	for (i = 0; i < 6; i++) {
		put(mix(v, i * 0x1111111111ull));
		put(narrow(v));
		put((u64)widen((s8)v, (s16)(v >> 5), (s32)(v >> 11)));
		v = v * 6364136223846793005ull + 1442695040888963407ull;
	}
	put((u64)(s64)(s8)0x80 >> 3);
	put((u64)((s64)(s8)0x80 >> 3));
	put((u64)((s64)-7 / 2) + (u64)((s64)-7 % 2));
	put((u64)((s32)-7 / 2) ^ (u64)(7u % 3u));
	put(0xffffffffffffffffull / 10 + 0xffffffffffffffffull % 10);
	put((u64)(((s64)1 << 62) / -3));
	put((u64)(u8)~0 + (u16)~0 + (u32)~0u);
	put(1ull << 63 >> 31 << 5);
}

/* -- control --------------------------------------------------------------- */

static int classify(int n)
{
	switch (n) {
	case -1: return 10;
	case 0: return 20;
	case 1 ... 5: return 30 + n;
	case 0x7fffffff: return 40;
	default: n ^= 0x55;
		/* fall through */
	case 100: return n;
	}
}

static u64 wide_switch(u64 v)
{
	switch (v) {
	case 0x100000000ull: return 1;
	case 0xffffffffffffffffull: return 2;
	case 0: return 3;
	}
	return 4;
}

static u64 ackermann(u32 m, u32 n)
{
	if (m == 0) return n + 1;
	if (n == 0) return ackermann(m - 1, 1);
	return ackermann(m - 1, ackermann(m, n - 1));
}

static u64 collatz(u64 n)
{
	u64 steps = 0;

	while (n != 1) {
		n = n & 1 ? 3 * n + 1 : n / 2;
		if (++steps > 500) break;
	}
	return steps;
}

static void control(void)
{
	static const int some[] = { -1, 0, 1, 5, 6, 100, 0x7fffffff, -2147483647 - 1 };
	u32 i, j;
	u64 sum = 0;

	for (i = 0; i < sizeof(some) / sizeof(some[0]); i++) put((u64)(s64)classify(some[i]));
	put(wide_switch(0x100000000ull) * 1000 + wide_switch(~0ull) * 100 + wide_switch(0) * 10 + wide_switch(1));
	put(ackermann(2, 3));
	put(collatz(27));
	for (i = 0; i < 10; i++)
		for (j = i; j < 10; j++) {
			if (j == 7) continue;
			if (i == 8) goto out;
			sum = sum * 31 + (i && j ? i * j : i || j ? 5 : 9);
		}
out:
	put(sum);
}

/* -- structs and memory ---------------------------------------------------- */

struct small { u8 a; u16 b; };
struct three { u8 v[3]; };
struct six { u16 v[3]; };
struct pair { u32 low, high; };
struct big { u64 v[4]; u8 tail; };
struct bits { u32 a : 3, b : 10, c : 11, d : 8; s32 e : 5; u64 f : 33; };
union pun { u64 whole; u32 half[2]; u16 quarter[4]; u8 byte[8]; };

static struct small by_small(struct small s) { s.a ^= 0x5a; s.b += s.a; return s; }
static struct three by_three(struct three s) { u8 t = s.v[0]; s.v[0] = s.v[2]; s.v[2] = t; return s; }
static struct six by_six(struct six s) { s.v[1] = s.v[0] + s.v[2]; return s; }
static struct pair by_pair(struct pair s) { struct pair r = { s.high, s.low + 1 }; return r; }
static struct big by_big(struct big s, int shift)
{
	int i;

	for (i = 0; i < 4; i++) s.v[i] <<= shift + i;
	s.tail += (u8)shift;
	return s;
}

static void structs(void)
{
	struct small s = by_small((struct small){ 0x12, 0x3456 });
	struct three t = by_three((struct three){ { 1, 2, 3 } });
	struct six x = by_six((struct six){ { 0x1111, 0, 0x2222 } });
	struct pair p = by_pair((struct pair){ 0xdeadbeef, 0xffffffff });
	struct big b = by_big((struct big){ { 1, 2, 3, 4 }, 250 }, 9), copy;
	struct bits f = { 5, 1000, 2000, 200, -9, 0x1ffffffffull };
	union pun u = { 0x0123456789abcdefull };
	u8 room[40];
	int i;

	put(((u64)s.a << 32) | s.b);
	put((t.v[0] << 16) | (t.v[1] << 8) | t.v[2]);
	put(((u64)x.v[0] << 32) | ((u64)x.v[1] << 16) | x.v[2]);
	put(((u64)p.low << 32) | p.high);
	copy = b;
	put(copy.v[0] ^ copy.v[1] ^ copy.v[2] ^ copy.v[3] ^ copy.tail);
	f.b -= 1001;
	f.e += 20;
	f.f <<= 1;
	put(f.a + f.b * 8ull + f.c * 8192ull + f.d);
	put((u64)(s64)f.e);
	put(f.f);
	u.quarter[2] ^= 0xffff;
	u.byte[7]++;
	u.half[0] = ~u.half[0];
	put(u.whole);
	__builtin_memset(room, 0xa5, sizeof(room));
	__builtin_memcpy(room + 3, &u, sizeof(u));
	__builtin_memmove(room + 5, room + 2, 20);
	__builtin_memmove(room + 1, room + 4, 20);
	{
		u64 hash = 0;

		for (i = 0; i < 40; i++) hash = hash * 131 + room[i];
		put(hash);
	}
}

/* -- pointers -------------------------------------------------------------- */

static u32 grid[3][5];
static u32 *cell(int row, int column) { return &grid[row][column]; }
static u64 twice(u64 (*f)(u64), u64 v) { return f(f(v)); }
static u64 square(u64 v) { return v * v + 1; }
static u64 negate(u64 v) { return -v; }
static u64 (*const table[])(u64) = { square, negate };
static void swap(u64 *a, u64 *b) { u64 t = *a; *a = *b; *b = t; }

static void pointers(void)
{
	u64 a = 3, b = 4, sum = 0;
	u32 *p;
	int i, j;
	char text[] = "page table";
	char *end = text + sizeof(text) - 2;

	for (i = 0; i < 3; i++)
		for (j = 0; j < 5; j++) *cell(i, j) = (u32)(i * 7 - j);
	for (p = cell(2, 4); p >= cell(0, 0); p -= 2) sum = sum * 3 + *p;
	put(sum);
	put((u64)(cell(2, 1) - cell(0, 3)));
	put(twice(table[0], 5) + twice(table[1], 9));
	swap(&a, &b);
	put(a * 10 + b);
	for (i = 0; text + i < end; i++, end--) { char c = text[i]; text[i] = *end; *end = c; }
	for (sum = 0, i = 0; text[i]; i++) sum = sum * 257 + (u8)text[i];
	put(sum);
	a = 0;
	put((u64)__builtin_add_overflow(0xffffffffu, 1u, (u32 *)&a) + a);
	put((u64)__builtin_popcountll(0xf0f0f0f0f0f0f0f0ull) * 100 + __builtin_ctzll(0x100000000ull) + __builtin_clz(1));
	put(__builtin_bswap64(0x0102030405060708ull) ^ __builtin_bswap32(0x01020304u) ^ __builtin_bswap16(0x0102));
}

void run(void)
{
	widths();
	control();
	structs();
	pointers();
}
