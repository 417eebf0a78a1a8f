// SPDX-License-Identifier: Apache-2.0
/*
 * Where the bytes of a value lie: every width at every offset, values that
 * overlap in part, unions, bit-fields, copies, what initialisers leave. What
 * comes out depends on the byte order, so there is a list of results
 * for little-endian machines and one for big-endian ones.
 */

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;

unsigned long long out[1024];
static int used;
static void put(u64 v) { out[used++] = v; }

struct u16_at { u16 v; } __attribute__((packed));
struct u32_at { u32 v; } __attribute__((packed));
struct u64_at { u64 v; } __attribute__((packed));

static u8 room[48];

/* What lies in the room, in the order of addresses. */
static void put_room(void)
{
	u64 hash = 0;
	int i;

	for (i = 0; i < 48; i++)
		hash = hash * 131 + room[i];
	put(hash);
}

static void fill(u8 first)
{
	int i;

	for (i = 0; i < 48; i++)
		room[i] = first + 3 * i;
}

static void offsets(void)
{
	int at;

	fill(0x11);
	for (at = 0; at < 16; at++) {
		put(room[at]);
		put(((struct u16_at *)(room + at))->v);
		put(((struct u32_at *)(room + at))->v);
		put(((struct u64_at *)(room + at))->v);
	}
	for (at = 0; at < 16; at++) {
		fill(0);
		room[at] = 0xa1;
		put_room();
		((struct u16_at *)(room + at))->v = 0xb1b2;
		put_room();
		((struct u32_at *)(room + at))->v = 0xc1c2c3c4;
		put_room();
		((struct u64_at *)(room + at))->v = 0xd1d2d3d4d5d6d7d8;
		put_room();
	}
}

/* A store, and a load that finds only part of it, or it and more. */
static void overlaps(void)
{
	int store, load;

	for (store = 0; store < 8; store++) {
		for (load = 0; load < 8; load++) {
			fill(0x40);
			((struct u32_at *)(room + store))->v = 0x81828384;
			put(((struct u16_at *)(room + load))->v);
			put(((struct u64_at *)(room + load))->v);
		}
		fill(0x40);
		((struct u64_at *)(room + store))->v = 0x9192939495969798;
		((struct u16_at *)(room + store + 3))->v = 0x7172;
		room[store + 6] = 0x61;
		put(((struct u32_at *)(room + store + 2))->v);
		put(((struct u64_at *)(room + store))->v);
	}
}

union halves {
	u64 whole;
	struct { u32 first, second; };
	u16 quarter[4];
	u8 byte[8];
	s8 small[8];
};

static union halves shared = { .whole = 0x0123456789abcdef };

static void unions(void)
{
	union halves u = { .whole = 0xfedcba9876543210 };
	int i;

	put(u.first);
	put(u.second);
	for (i = 0; i < 4; i++)
		put(u.quarter[i]);
	for (i = 0; i < 8; i++)
		put((u64)(s64)u.small[i]);
	u.first ^= 0xffff0000;
	u.quarter[3] += 0x1234;
	u.byte[4] = 0x5a;
	put(u.whole);
	put(shared.first);
	put(shared.quarter[1]);
	shared.second = 0xdeadbeef;
	put(shared.whole);
	put(__atomic_fetch_add(&shared.quarter[2], 0x0101, __ATOMIC_SEQ_CST));
	put(__atomic_exchange_n(&shared.byte[1], 0x77, __ATOMIC_SEQ_CST));
	{
		u32 expected = shared.first;

		put(__atomic_compare_exchange_n(&shared.first, &expected, 0x31323334, 0,
						__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	}
	put(shared.whole);
}

struct fields {
	u32 a : 3, b : 7, c : 13, d : 9;
	s32 e : 5;
	u32 f : 11;
	u16 g : 4, h : 12;
	u64 i : 37, j : 20, k : 7;
};

struct packed_fields {
	u32 a : 5, b : 19;
	u8 c;
	u64 d : 33;
} __attribute__((packed));

static void bit_fields(void)
{
	union { struct fields f; u8 byte[sizeof(struct fields)]; u64 word[3]; } u = { { 0 } };
	union { struct packed_fields f; u8 byte[sizeof(struct packed_fields)]; } p = { { 0 } };
	unsigned int i;
	u64 hash = 0;

	u.f.a = 5;
	u.f.b = 0x55;
	u.f.c = 0x1abc;
	u.f.d = 0x155;
	u.f.e = -7;
	u.f.f = 0x5a5;
	u.f.g = 9;
	u.f.h = 0xabc;
	u.f.i = 0x1234567890;
	u.f.j = 0xabcde;
	u.f.k = 0x5a;
	for (i = 0; i < sizeof(u); i++)
		hash = hash * 131 + u.byte[i];
	put(hash);
	u.f.c += 0x777;
	u.f.j -= 3;
	put(u.word[0]);
	put(u.word[1]);
	put(u.f.a + u.f.b + u.f.c + u.f.d + (u64)(s64)u.f.e + u.f.f + u.f.g + u.f.h);
	put(u.f.i ^ u.f.j ^ u.f.k);
	p.f.a = 0x15;
	p.f.b = 0x5a5a5;
	p.f.c = 0x99;
	p.f.d = 0x1deadbeef;
	for (hash = 0, i = 0; i < sizeof(p); i++)
		hash = hash * 131 + p.byte[i];
	put(hash);
	put(p.f.a + p.f.b + p.f.c + p.f.d);
}

static void copies(void)
{
	u64 from[3] = { 0x0102030405060708, 0x1112131415161718, 0x2122232425262728 };
	int at, size;

	for (at = 0; at < 9; at++) {
		for (size = 1; size < 10; size += 2) {
			fill(0x80);
			__builtin_memcpy(room + at, (u8 *)from + (size & 3), size);
			put_room();
		}
	}
	fill(0x20);
	__builtin_memmove(room + 3, room, 29);
	put_room();
	__builtin_memmove(room + 1, room + 6, 30);
	put_room();
	__builtin_memset(room + 5, 0xc3, 13);
	put(((struct u64_at *)(room + 3))->v);
	__builtin_memcpy(&from[1], room + 4, 8);
	put(from[1]);
}

static const u16 shorts[4] = { 0x0102, 0x0304, 0x0506, 0x0708 };
static const u32 words[2] = { 0x11121314, 0x15161718 };
static struct mixed { u8 a; u16 b; u32 c; u64 d; const u16 *p; } mixed = {
	0x21, 0x2223, 0x24252627, 0x28292a2b2c2d2e2f, shorts + 2
};

static u64 by_value(struct mixed m) { return m.a + m.b + m.c + m.d + *m.p; }
static union halves returned(u64 v) { union halves u; u.whole = v; u.byte[2] ^= 0xff; return u; }

static void initialisers(void)
{
	const u8 *byte = (const u8 *)shorts;
	unsigned int i;

	for (i = 0; i < sizeof(shorts); i++)
		put(byte[i]);
	put(((const u8 *)words)[1]);
	put(((const u16 *)words)[3]);
	for (byte = (const u8 *)&mixed, i = 0; i < 16; i++)
		put(i == 1 ? 0 : byte[i]);
	put(*mixed.p);
	put(by_value(mixed));
	put(returned(0x1020304050607080).whole);
	put(returned(0x1020304050607080).second);
	put(__builtin_bswap64(mixed.d) ^ __builtin_bswap32(mixed.c) ^ __builtin_bswap16(mixed.b));
}

void run(void)
{
	offsets();
	overlaps();
	unions();
	bit_fields();
	copies();
	initialisers();
	put(used);
}
