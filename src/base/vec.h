/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vec.h - typed vectors whose memory is the arena's.
 *
 *     HM_VEC(struct pkg) pkgs = { 0 };
 *     *hm_push(cx, &pkgs) = (struct pkg){ ... };
 *     for (size_t i = 0; i < pkgs.n; i++) use(&pkgs.p[i]);
 *
 * Growing moves the elements: keep indices, not pointers. The old room stays in the arena.
 */
#ifndef HM_BASE_VEC_H
#define HM_BASE_VEC_H

#include "base/str.h"

#define HM_VEC(type)           \
	struct {               \
		type *p;       \
		size_t n, cap; \
	}

/* The address of one more, zeroed element. */
#define hm_push(cx, v)                                                                             \
	((__typeof__((v)->p))((v)->p =                                                             \
				      hm_vec_grow((cx), (v)->p, (v)->n, &(v)->cap,                 \
						  sizeof(*(v)->p), _Alignof(__typeof__(*(v)->p))), \
			      &(v)->p[(v)->n++]))

/* For hm_push(). */
void *hm_vec_grow(struct hm_cx *cx, void *p, size_t n, size_t *cap, size_t size, size_t align);

/* A list of slices is needed so often that it has a name. */
struct hm_strs {
	struct hm_str *p;
	size_t n, cap;
};

/* Sorted by bytes; with equal ones left out. */
void hm_strs_sort(struct hm_strs *v);
void hm_strs_sort_unique(struct hm_strs *v);
bool hm_strs_has(const struct hm_strs *v, struct hm_str s);

#endif
