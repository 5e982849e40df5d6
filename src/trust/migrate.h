/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migrate.h - from an old key to a new one: what the old key signed in a place is signed again.
 *
 * What there is in a place: subjects.h. A signature is the old key's where its certificate has that
 * key, renewed or not, and it is good: what is expired, or of something else, is refused. The new
 * one says the same: the same metadata, and the same time of expiry, in an envelope of the same
 * format. Where the new key has said so already, nothing is made.
 */
#ifndef TRUST_MIGRATE_H
#define TRUST_MIGRATE_H

#include "crypto/crypto.h"
#include "oci/oci.h"

struct trust_signer;
struct trust_timestamping;

enum trust_migration_state {
	TRUST_MIGRATION_SIGNED,  /* again, now */
	TRUST_MIGRATION_THERE,   /* the new key had signed it already */
	TRUST_MIGRATION_REFUSED, /* never: the old signature is not good */
	TRUST_MIGRATION_FAILED,  /* it may work later */
	TRUST_MIGRATION_STATES
};
extern const char *const trust_migration_names[TRUST_MIGRATION_STATES];

/* One signature of the old key. */
struct trust_migrated {
	struct oci_descriptor subject;
	enum trust_migration_state state;
	struct hm_str old;       /* digest of what holds it; empty: the subject as a whole */
	struct hm_str signature; /* of the new key, where it is signed */
	struct hm_str why;       /* where it is not */
};
struct trust_migrated_list {
	struct trust_migrated *p;
	size_t n, cap;
	size_t looked_at; /* manifests */
	bool only_tags;   /* a registry's: what no tag leads to was not looked at */
};
struct trust_migration {
	const struct crypto_chain
		*old; /* the old key's certificates; the key itself is not needed */
	const struct trust_signer *signer;
	int64_t now;                                   /* 0: the clock */
	const struct trust_timestamping *timestamping; /* NULL: none */
};
/* All of a repository, layout, or with a tag or digest in the target what that leads to. A fault is
 * that it could not be seen what there is; what cannot be signed is in *out. HM_USAGE: the new key
 * is the old one. */
HM_MUST hm_err trust_migrate(struct hm_cx *cx, struct oci_place *p, const struct oci_target *t,
			     const struct trust_migration *o, struct trust_migrated_list *out);

#endif
