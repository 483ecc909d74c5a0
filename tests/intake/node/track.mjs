// Says with Segment's own SDK what the test expects. Arguments: host, write key.
import { Analytics } from "@segment/analytics-node";

const [host, writeKey] = process.argv.slice(2);
const analytics = new Analytics({ host, writeKey, maxRetries: 8, flushInterval: 200 });
analytics.on("error", (error) => console.error(error));
analytics.identify({ userId: "n1", anonymousId: "n0", traits: { email: "nora@node.example", title: "CTO" } });
analytics.track({ anonymousId: "n0", event: "Demo Requested", properties: { path: "/demo" } });
analytics.group({ userId: "n1", groupId: "Node Works", traits: { industry: "Software" } });
analytics.page({ userId: "n1", name: "Home" });
await analytics.closeAndFlush({ timeout: 20000 });
