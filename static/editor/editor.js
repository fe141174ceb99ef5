globalThis.bpfscopeEditor = { create() {} };
