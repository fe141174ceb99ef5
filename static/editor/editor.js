globalThis.bpfscopeEditor = {};
