package peers;

import java.util.HashMap;
import java.util.Map;
import org.apache.storm.task.OutputCollector;
import org.apache.storm.task.TopologyContext;
import org.apache.storm.topology.OutputFieldsDeclarer;
import org.apache.storm.topology.base.BaseRichBolt;
import org.apache.storm.tuple.Tuple;

/** Counts words. */
public final class CountBolt extends BaseRichBolt {
    private static final long serialVersionUID = 1;

    private transient OutputCollector out;
    private transient Map<String, long[]> counts;
    private transient Counter sunk;

    @Override
    public void prepare(Map<String, Object> conf, TopologyContext context, OutputCollector collector) {
        out = collector;
        counts = new HashMap<>();
        sunk = Counter.SUNK.part();
    }

    @Override
    public void execute(Tuple tuple) {
        counts.computeIfAbsent(tuple.getString(0), word -> new long[1])[0]++;
        out.ack(tuple);
        sunk.add();
    }

    @Override
    public void declareOutputFields(OutputFieldsDeclarer declarer) {}
}
