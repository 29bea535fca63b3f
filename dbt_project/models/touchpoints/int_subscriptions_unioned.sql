{{ union_canonical("subscriptions") }}
