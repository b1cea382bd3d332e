package peers;

import java.util.Map;
import org.apache.storm.task.OutputCollector;
import org.apache.storm.task.TopologyContext;
import org.apache.storm.topology.OutputFieldsDeclarer;
import org.apache.storm.topology.base.BaseRichBolt;
import org.apache.storm.tuple.Tuple;

/** Drops every tuple. */
public final class NullBolt extends BaseRichBolt {
    private static final long serialVersionUID = 1;

    private transient OutputCollector out;
    private transient Counter sunk;

    @Override
    public void prepare(Map<String, Object> conf, TopologyContext context, OutputCollector collector) {
        out = collector;
        sunk = Counter.SUNK.part();
    }

    @Override
    public void execute(Tuple tuple) {
        out.ack(tuple);
        sunk.add();
    }

    @Override
    public void declareOutputFields(OutputFieldsDeclarer declarer) {}
}
