package io.nsjob.internal.os;

import io.nsjob.NamespaceInfo;

/** Names of users. */
final class Users {
    private Users() {
    }

    static NamespaceInfo.User user(long uid) {
        return new NamespaceInfo.User(uid, HostFacts.real().userName(uid).orElse(""));
    }
}
