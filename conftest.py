pytest_plugins = ["cookieproof.plugin"]
