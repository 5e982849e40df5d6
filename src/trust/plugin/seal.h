/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seal.h - inside plugin/: is an envelope that a plugin made the one that was asked for?
 */
#ifndef TRUST_PLUGIN_SEAL_H
#define TRUST_PLUGIN_SEAL_H

#include "trust/config.h"

/*
 * Read it as one that came from a registry, and hold it against what was asked for: signed by its
 * own leaf, a chain for code signing that is valid now, the payload's target and metadata as given
 * (annotations may have been added), a blob's algorithm, no later expiry. Its chain is the caller's
 * to free. HM_INPUT, HM_TRUST.
 */
HM_MUST hm_err trust_check_sealed(struct hm_cx *cx, const struct trust_sealing *want,
				  struct hm_str bytes, struct crypto_chain *out_chain,
				  int64_t *out_time);

#endif
