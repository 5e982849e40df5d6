/* SPDX-License-Identifier: Apache-2.0 */
/* The table alone, so that a program with more kinds can bring its own. */
#include "evidence/evidence.h"

const struct evidence_kind *const evidence_kinds[] = {
#define EVIDENCE_KIND(name) &evidence_kind_##name,
#include "evidence/kinds.list"
#undef EVIDENCE_KIND
	NULL
};
