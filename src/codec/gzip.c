/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gzip (RFC 1952), all members of a file; raw deflate (RFC 1951). Two engines behind four small
 * functions: ISA-L, which inflates twice as fast, and zlib where ISA-L is missing.
 */
#include "codec/gzip.h"

#include <zlib.h>

#include "codec/gzip_members.h"
#include "codec/stream_format.h"

enum progress { MORE, MEMBER_DONE, DAMAGED, CHECKSUM };

#ifdef HAVE_ISAL

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

struct engine {
	struct inflate_state s;
};

static bool engine_start(struct engine *e)
{
	isal_inflate_init(&e->s);
	e->s.crc_flag = ISAL_GZIP;
	return true;
}

static void engine_member(struct engine *e)
{
	isal_inflate_reset(&e->s);
	e->s.crc_flag = ISAL_GZIP;
}

static void engine_stop(struct engine *e)
{
	(void)e;
}

static enum progress engine_run(struct engine *e, struct stream_input *in, uint8_t *room,
				uint32_t n, size_t *out_n)
{
	e->s.next_in = in->room + in->at;
	e->s.avail_in = (uint32_t)(in->n - in->at);
	e->s.next_out = room;
	e->s.avail_out = n;
	int r = isal_inflate(&e->s);
	in->at = in->n - e->s.avail_in;
	*out_n = n - e->s.avail_out;
	if (r == ISAL_INCORRECT_CHECKSUM)
		return CHECKSUM;
	if (r < 0 || r == ISAL_NEED_DICT)
		return DAMAGED;
	return e->s.block_state == ISAL_BLOCK_FINISH ? MEMBER_DONE : MORE;
}

hm_err gzip_unpack(struct hm_cx *cx, struct hm_str packed, void *out, size_t out_n)
{
	if (packed.n > UINT32_MAX || out_n > UINT32_MAX)
		return hm_fail(cx, HM_LIMIT, "deflate: more than 4 GiB in one piece");
	struct hm_mark mark = hm_mark(cx);
	struct inflate_state *s = hm_new(cx, struct inflate_state, 1);
	uint8_t none;
	isal_inflate_init(s);
	s->next_in = (uint8_t *)(uintptr_t)packed.p;
	s->avail_in = (uint32_t)packed.n;
	s->next_out = out_n ? out : &none;
	s->avail_out = (uint32_t)out_n;
	int r = isal_inflate_stateless(s);
	bool good = r == ISAL_DECOMP_OK && s->block_state == ISAL_BLOCK_FINISH && s->avail_out == 0;
	hm_release(cx, mark);
	return good ? NULL
		    : hm_fail(cx, HM_INPUT, "deflate: the data is damaged or of another length");
}

uint32_t gzip_crc32_more(uint32_t crc, struct hm_str bytes)
{
	return crc32_gzip_refl(crc, (const unsigned char *)bytes.p, bytes.n);
}

#else

struct engine {
	z_stream s;
};

static bool engine_start(struct engine *e)
{
	return inflateInit2(&e->s, 15 + 16) == Z_OK;
}

static void engine_member(struct engine *e)
{
	inflateReset(&e->s);
}

static void engine_stop(struct engine *e)
{
	inflateEnd(&e->s);
}

static enum progress engine_run(struct engine *e, struct stream_input *in, uint8_t *room,
				uint32_t n, size_t *out_n)
{
	e->s.next_in = in->room + in->at;
	e->s.avail_in = (uint32_t)(in->n - in->at);
	e->s.next_out = room;
	e->s.avail_out = n;
	int r = inflate(&e->s, Z_NO_FLUSH);
	in->at = in->n - e->s.avail_in;
	*out_n = n - e->s.avail_out;
	struct hm_str why = hm_cstr(r == Z_DATA_ERROR ? e->s.msg : NULL);
	if (hm_eqz(why, "incorrect data check") || hm_eqz(why, "incorrect length check"))
		return CHECKSUM;
	if (r != Z_OK && r != Z_BUF_ERROR && r != Z_STREAM_END)
		return DAMAGED;
	return r == Z_STREAM_END ? MEMBER_DONE : MORE;
}

hm_err gzip_unpack(struct hm_cx *cx, struct hm_str packed, void *out, size_t out_n)
{
	if (packed.n > UINT32_MAX || out_n > UINT32_MAX)
		return hm_fail(cx, HM_LIMIT, "deflate: more than 4 GiB in one piece");
	z_stream s = { .next_in = (Bytef *)(uintptr_t)packed.p, .avail_in = (uInt)packed.n };
	uint8_t none;
	s.next_out = out_n ? out : &none;
	s.avail_out = (uInt)out_n;
	if (inflateInit2(&s, -15) != Z_OK)
		return hm_fail(cx, HM_SYSTEM, "could not start zlib");
	int r = inflate(&s, Z_FINISH);
	inflateEnd(&s);
	if (r != Z_STREAM_END || s.avail_out)
		return hm_fail(cx, HM_INPUT, "deflate: the data is damaged or of another length");
	return NULL;
}

uint32_t gzip_crc32_more(uint32_t crc, struct hm_str bytes)
{
	return bytes.n ? (uint32_t)crc32_z(crc, (const Bytef *)bytes.p, bytes.n) : crc;
}

#endif

uint32_t gzip_crc32(struct hm_str bytes)
{
	return gzip_crc32_more(0, bytes);
}

struct gzip {
	struct engine engine;
	bool between; /* a member has ended, or none has begun */
};

static hm_err gzip_open(struct hm_cx *cx, void **out)
{
	struct gzip *g = hm_new(cx, struct gzip, 1);
	if (!engine_start(&g->engine))
		return hm_fail(cx, HM_SYSTEM, "could not start the decompressor");
	*out = g;
	return NULL;
}

static void gzip_close(void *state)
{
	struct gzip *g = state;
	if (g)
		engine_stop(&g->engine);
}

static hm_err gzip_step(struct hm_cx *cx, struct gzip *g, struct stream_input *in, uint8_t *room,
			uint32_t n, size_t *out_n)
{
	if (g->between) {
		/* Whatever follows a member must be one (RFC 1952, 2.2): its first byte is 31. */
		if (in->room[in->at] != 0x1f)
			return hm_fail(cx, HM_INPUT, "something else follows the compressed data");
		engine_member(&g->engine);
		g->between = false;
	}
	switch (engine_run(&g->engine, in, room, n, out_n)) {
	case MORE:
		break;
	case MEMBER_DONE:
		g->between = true;
		break;
	case CHECKSUM:
		return hm_fail(cx, HM_INPUT, "the checksum does not match");
	case DAMAGED:
		return hm_fail(cx, HM_INPUT, "the compressed data is damaged");
	}
	return NULL;
}

static hm_err gzip_read(struct hm_cx *cx, void *state, struct stream_input *in, void *room,
			size_t n, size_t *out_n)
{
	struct gzip *g = state;
	uint32_t want = n > INT32_MAX ? INT32_MAX : (uint32_t)n;
	for (size_t got = 0; got == 0;) {
		HM_TRY(stream_fill(cx, in));
		bool last = in->end;
		if (last && g->between)
			break;
		/* At the end of the input the engine may still hold output back: ask once more. */
		HM_TRY(gzip_step(cx, g, in, room, want, &got));
		if (last && got == 0 && !g->between)
			return hm_fail(cx, HM_INPUT, "the compressed data is cut short");
		*out_n = got;
		if (got)
			return NULL;
	}
	*out_n = 0;
	return NULL;
}

const struct stream_format gzip_format = {
	.name = "gzip",
	.magic = HM_STR_INIT("\x1f\x8b"),
	.open = gzip_open,
	.read = gzip_read,
	.close = gzip_close,
};

/* ------------------------------------------------------------------ members one by one */

static hm_err walk_members(struct hm_cx *cx, struct gzip *g, struct stream_input *in,
			   const struct gzip_members_to *to, struct gzip_ends *out)
{
	enum { ROOM = 64 * 1024 };
	uint8_t *room = hm_new(cx, uint8_t, ROOM);
	while (out->n < HM_LEN(out->at)) {
		size_t n = 0;
		HM_TRY(stream_fill(cx, in));
		bool last = in->end && in->at == in->n;
		if (last && g->between)
			return NULL;
		HM_TRY(gzip_step(cx, g, in, room, ROOM, &n));
		if (n)
			HM_TRY(to->add(cx, to->arg, out->n, hm_bytes(room, n)));
		if (g->between)
			out->at[out->n++] = in->total - (in->n - in->at);
		else if (last && !n)
			return hm_fail(cx, HM_INPUT, "the compressed data is cut short");
	}
	return NULL;
}

hm_err gzip_members(struct hm_cx *cx, struct stream_source source, const struct gzip_members_to *to,
		    struct gzip_ends *out)
{
	enum { ROOM = 64 * 1024 };
	struct stream_input in = { .source = source,
				   .room = hm_new(cx, uint8_t, ROOM),
				   .cap = ROOM };
	void *state;
	*out = (struct gzip_ends){ 0 };
	HM_TRY(gzip_open(cx, &state));
	hm_err err = walk_members(cx, state, &in, to, out);
	gzip_close(state);
	return err;
}
