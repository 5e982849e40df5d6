/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the good signatures fill all roles of a statement.
 *
 * A signer may fill one role only. The exception: roles without a common algorithm (a classical and
 * a post-quantum signature) may be filled by two signatures of one signer. So roles that share
 * algorithms are a group, in which each signer fills one place at the most: a bipartite matching of
 * signers and places, found by augmenting paths (Kuhn 1955).
 */
#include "trust/config.h"

static bool is_same_identity(const struct trust_identity *a, const struct trust_identity *b)
{
	return strcmp(a->kind, b->kind) == 0 && hm_eq(a->value, b->value);
}

bool trust_is_release(const struct trust_signature *s)
{
	return s->good && !s->predicate.n;
}

bool trust_same_signer(const struct trust_signature *a, const struct trust_signature *b)
{
	for (size_t i = 0; i < a->identities_n; i++)
		for (size_t k = 0; k < b->identities_n; k++)
			if (is_same_identity(&a->identities[i], &b->identities[k]))
				return true;
	return false;
}

enum { PLACES = TRUST_ROLES * TRUST_ROLE_SIGNERS, NOBODY = -1 };

/* The matching of one group. */
struct matching {
	const struct trust_requirement *r;
	const struct trust_verdict *v;
	const size_t *signer;  /* of each signature: the first signature of the same signer */
	int *place_of;         /* of each signer, by that signature */
	int *tried_for;        /* the place that each signer was tried for last */
	size_t holder[PLACES]; /* who has the place; SIZE_MAX: nobody */
	bool *seen;
	uint8_t role_of[PLACES]; /* of each place */
	int places;
};

static bool share_algorithms(const struct trust_role *a, const struct trust_role *b)
{
	for (size_t i = 1; i < CRYPTO_ALGS; i++)
		if (a->algorithms[i] && b->algorithms[i])
			return true;
	return false;
}

/* The roles that are in a group with role `first`, a bit each. */
static uint32_t find_group(const struct trust_requirement *r, size_t first)
{
	uint32_t group = UINT32_C(1) << first;
	for (size_t turn = 0; turn < r->roles_n; turn++)
		for (size_t i = 0; i < r->roles_n; i++)
			for (size_t k = 0; k < r->roles_n; k++)
				if ((group >> i & 1) &&
				    share_algorithms(&r->roles[i], &r->roles[k]))
					group |= UINT32_C(1) << k;
	return group;
}

/* The signature of signer `s` for that role that holds longest; NULL: none. */
static const struct trust_signature *find_signature(const struct matching *m, size_t s,
						    uint8_t role)
{
	const struct trust_signature *found = NULL;
	for (size_t i = s; i < m->v->signatures_n; i++) {
		const struct trust_signature *t = &m->v->signatures[i];
		if (m->signer[i] == s && trust_is_release(t) && (t->roles >> role & 1) &&
		    (!found || t->valid_until > found->valid_until))
			found = t;
	}
	return found;
}

/* Each signer on the way from `last`, who had no place, takes the place that he was tried for; who
 * had it goes on to the next. */
static void move_signers(struct matching *m, size_t last)
{
	for (size_t s = last;;) {
		int place = m->tried_for[s];
		size_t before = m->holder[place];
		m->place_of[s] = place;
		m->holder[place] = s;
		if (before == SIZE_MAX)
			return;
		s = before;
	}
}

/* Find a signer for the place, moving others where that helps. Each signer is tried once. */
static bool fill_place(struct matching *m, int place)
{
	int queue[PLACES], head = 0, tail = 0;
	memset(m->seen, 0, m->v->signatures_n * sizeof(*m->seen));
	m->holder[place] = SIZE_MAX;
	queue[tail++] = place;
	while (head < tail) {
		int wanted = queue[head++];
		for (size_t s = 0; s < m->v->signatures_n; s++) {
			if (m->signer[s] != s || m->seen[s] ||
			    !find_signature(m, s, m->role_of[wanted]))
				continue;
			m->seen[s] = true;
			m->tried_for[s] = wanted;
			if (m->place_of[s] == NOBODY) {
				move_signers(m, s);
				return true;
			}
			queue[tail++] = m->place_of[s];
		}
	}
	return false;
}

/* The first role of the group that is left unfilled. */
static const struct trust_role *match_group(struct matching *m, uint32_t group, int64_t *end)
{
	m->places = 0;
	for (size_t s = 0; s < m->v->signatures_n; s++)
		m->place_of[s] = NOBODY;
	for (uint8_t i = 0; i < m->r->roles_n; i++)
		for (size_t k = 0; (group >> i & 1) && k < m->r->roles[i].least; k++) {
			m->role_of[m->places] = i;
			if (!fill_place(m, m->places++))
				return &m->r->roles[i];
		}
	for (size_t s = 0; s < m->v->signatures_n; s++) {
		if (m->place_of[s] == NOBODY)
			continue;
		int64_t holds = find_signature(m, s, m->role_of[m->place_of[s]])->valid_until;
		*end = holds < *end ? holds : *end;
	}
	return NULL;
}

const struct trust_role *trust_find_unfilled(struct hm_cx *cx, const struct trust_requirement *r,
					     const struct trust_verdict *v, int64_t *out_end)
{
	size_t n = v->signatures_n, *signer = hm_new(cx, size_t, n + 1);
	struct matching m = { .r = r,
			      .v = v,
			      .signer = signer,
			      .place_of = hm_new(cx, int, n + 1),
			      .tried_for = hm_new(cx, int, n + 1),
			      .seen = hm_new(cx, bool, n + 1) };
	const struct trust_role *unfilled = NULL;
	uint32_t done = 0;
	*out_end = INT64_MAX;
	for (size_t i = 0; i < n; i++) {
		signer[i] = i;
		for (size_t k = 0; k < i && signer[i] == i; k++)
			if (trust_same_signer(&v->signatures[i], &v->signatures[k]))
				signer[i] = signer[k];
	}
	for (size_t i = 0; i < r->roles_n && !unfilled; i++) {
		if (done >> i & 1)
			continue;
		uint32_t group = find_group(r, i);
		done |= group;
		unfilled = match_group(&m, group, out_end);
	}
	return unfilled;
}
