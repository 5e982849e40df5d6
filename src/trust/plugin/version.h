/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version.h - inside plugin/: versions of plugins, which are Semantic Versioning 2.0.0.
 */
#ifndef TRUST_PLUGIN_VERSION_H
#define TRUST_PLUGIN_VERSION_H

#include "base/base.h"

/* Is it one, to the letter? */
bool trust_version_is(struct hm_str text);
/* Which comes first (semver.org, 11; build metadata says nothing): <0, 0, >0. Both are versions. */
int trust_version_compare(struct hm_str a, struct hm_str b);

#endif
