/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oci.h - references, descriptors, manifests, and the places where artifacts live.
 *
 *   reference.h   digests, references, targets
 *   manifest.h    media types, descriptors, manifests
 *   place.h       places, what is read and written there, whole operations
 *   record.h      what was pushed, in memory
 *   credential.h  credentials
 *   registry.h    the embedded registry
 *
 * Other rooms include this file, not its parts.
 *
 * Sources: OCI image-spec 1.1, distribution-spec 1.1. A *place* is a registry repository, an OCI
 * layout folder, or an archive; all have the same operations, a table of them for each kind
 * (ops.h), so that every verb works on every target. Bytes read from a place are compared with
 * the digest that was asked for before anybody sees the end of them: a difference is HM_TRUST.
 * What a server says about digests, sizes and types is compared, never believed.
 *
 * The law of the room: a place is opened and closed by one thread and may be used by several in
 * between. What is returned lies in the caller's cx and outlives the place. Children are written
 * before their parents, and an index.json is changed under a lock on the layout's oci-layout file
 * and replaced by a rename, so that a kill leaves nothing dangling.
 *
 * Registries: a credential goes to the origin that it is for and to the token server that this
 * origin names, never along with a redirect: the host that a redirect leads to gets what
 * config.json has for it, or nothing. A registry on this machine (http_is_loopback) is asked with
 * TLS first, and without TLS if it does not speak it. What a registry throttles (429) or cannot
 * answer now is HM_BUSY: unknown, never absent. Docker archives of the older form have no digests:
 * a manifest is made up, the same every time.
 */
#ifndef OCI_OCI_H
#define OCI_OCI_H

#include "oci/credential.h"
#include "oci/manifest.h"
#include "oci/place.h"
#include "oci/record.h"
#include "oci/reference.h"
#include "oci/registry.h"

#endif
