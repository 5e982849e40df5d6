/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/registry/registry.h"

struct registry_repo *oci_registry_repo_of(struct oci_registry *r, struct hm_str name)
{
	pthread_mutex_lock(&r->lock);
	struct registry_repo *repo = hm_map_get(&r->repos, name);
	if (!repo) {
		repo = hm_new(&r->cx, struct registry_repo, 1);
		repo->name = hm_dup(&r->cx, name);
		pthread_mutex_init(&repo->changing, NULL);
		pthread_mutex_init(&repo->filing, NULL);
		hm_map_put(&r->cx, &r->repos, repo->name, repo);
	}
	pthread_mutex_unlock(&r->lock);
	return repo;
}

struct registry_state oci_registry_state(struct oci_registry *r, const struct registry_repo *repo)
{
	pthread_mutex_lock(&r->lock);
	struct registry_state s = repo->state;
	pthread_mutex_unlock(&r->lock);
	return s;
}

void oci_registry_repos_close(struct oci_registry *r)
{
	for (size_t i = 0; i < r->repos.n; i++) {
		struct registry_repo *repo = r->repos.entries[i].value;
		pthread_mutex_destroy(&repo->changing);
		pthread_mutex_destroy(&repo->filing);
	}
}
