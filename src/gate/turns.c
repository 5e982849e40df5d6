/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/pipeline.h"

static const int64_t GOOD_SECONDS = 60 * HM_SECOND;
static const uint64_t TIMEOUT_NUMBER = UINT64_C(1000000000000); /* of any unit */

/* The lock is held. NULL: as many registries are asked as there are places. */
static struct gate_turn *find_turn(struct gate *g, uint64_t host)
{
	struct gate_turn *free = NULL;
	for (size_t i = 0; i < GATE_REGISTRIES; i++) {
		struct gate_turn *t = &g->turns[i];
		if (t->host == host)
			return t;
		if (t->engaged == 0 && (!free || t->good < free->good))
			free = t;
	}
	if (free)
		*free = (struct gate_turn){ .host = host, .good = INT64_MIN };
	return free;
}

hm_err gate_turn_begin(struct hm_cx *cx, struct gate *g, struct hm_str registry,
		       struct gate_turn **out)
{
	pthread_mutex_lock(&g->lock);
	struct gate_turn *t = find_turn(g, hm_hash(registry) | 1);
	bool known = t && t->good != INT64_MIN && hm_mono() - t->good < GOOD_SECONDS;
	bool room = t && t->engaged < (known ? GATE_ENGAGED_KNOWN : GATE_ENGAGED);
	if (room)
		t->engaged++;
	pthread_mutex_unlock(&g->lock);
	if (!room)
		return hm_fail(cx, HM_BUSY, "too many requests to registry \"%.*s\" are pending",
			       HM_FMT(registry));
	*out = t;
	return NULL;
}

void gate_turn_end(struct gate *g, struct gate_turn *t, bool good)
{
	pthread_mutex_lock(&g->lock);
	t->engaged--;
	if (good)
		t->good = hm_mono();
	pthread_mutex_unlock(&g->lock);
}

static int64_t cut_unit(struct hm_str *s)
{
	static const struct unit {
		struct hm_str name;
		int64_t ns;
	} units[] = { { HM_STR_INIT("ns"), 1 },
		      { HM_STR_INIT("us"), 1000 },
		      { HM_STR_INIT("\xc2\xb5s"), 1000 },
		      { HM_STR_INIT("ms"), 1000000 },
		      { HM_STR_INIT("s"), HM_SECOND },
		      { HM_STR_INIT("m"), 60 * HM_SECOND },
		      { HM_STR_INIT("h"), 3600 * HM_SECOND } };
	for (size_t i = 0; i < HM_LEN(units); i++)
		if (hm_starts(*s, units[i].name)) {
			*s = hm_from(*s, units[i].name.n);
			return units[i].ns;
		}
	return 0;
}

static struct hm_str cut_digits(struct hm_str *s)
{
	size_t n = 0;
	while (n < s->n && hm_is_digit(s->p[n]))
		n++;
	struct hm_str digits = hm_sub(*s, 0, n);
	*s = hm_from(*s, n);
	return digits;
}

int64_t gate_timeout_parse(struct hm_str s)
{
	int64_t total = 0;
	while (s.n) {
		uint64_t whole = 0, part = 0, scale = 1;
		struct hm_str digits = cut_digits(&s), behind = { "", 0 };
		if (hm_starts(s, HM_STR("."))) {
			s = hm_from(s, 1);
			behind = hm_sub(cut_digits(&s), 0, 6);
		}
		int64_t unit = cut_unit(&s);
		if ((digits.n && !hm_u64(digits, TIMEOUT_NUMBER, &whole)) ||
		    (behind.n && !hm_u64(behind, 999999, &part)) || !unit || !(digits.n + behind.n))
			return 0;
		for (size_t i = 0; i < behind.n; i++)
			scale *= 10;
		if ((int64_t)whole > GATE_TIMEOUT_MOST / unit)
			return GATE_TIMEOUT_MOST;
		total += (int64_t)whole * unit + (int64_t)part * unit / (int64_t)scale;
		if (total > GATE_TIMEOUT_MOST)
			return GATE_TIMEOUT_MOST;
	}
	return total;
}

int64_t gate_deadline(int64_t began, int64_t timeout)
{
	/* a tenth, so that the answer is there before the caller has gone */
	int64_t margin = timeout / 10;
	if (margin < GATE_MARGIN)
		margin = timeout / 2 < GATE_MARGIN ? timeout / 2 : GATE_MARGIN;
	return began + timeout - margin;
}
